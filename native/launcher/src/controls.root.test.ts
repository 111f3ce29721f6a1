/** The attackers can succeed: with a protection taken away, the attempt that it stops goes through. */
import { createServer } from 'node:net';
import t, { type Test } from 'tap';
import { type Run, reasonToSkip, results, rootOwner, Sandbox } from './sandbox.ts';

const skip = reasonToSkip(rootOwner);

async function attempts(test: Test, run: Run): Promise<Record<string, string>> {
  const sandbox = new Sandbox(rootOwner);
  test.teardown(() => sandbox.remove());
  const { output, report } = await sandbox.run(run);
  test.equal(report, undefined);
  return results(output);
}

t.test('without a filter set-id bits can be set', { skip }, async (test) => {
  const seen = await attempts(test, { program: 'attack-set-id', top: { seccomp: false } });
  for (const way of ['chmod', 'fchmod', 'fchmodat', 'creat', 'open', 'openat', 'openat2', 'mknod']) {
    test.equal(seen[way], 'OK', way);
    test.equal(seen[`bit on ${way}`], 'YES', `bit on ${way}`);
  }
});

t.test('setIdBits lets set-id bits through, and nothing else', { skip }, async (test) => {
  const seen = await attempts(test, { program: 'attack-set-id', top: { setIdBits: true } });
  test.match(seen, { chmod: 'OK', 'bit on chmod': 'YES', '32-chmod': 'OK', openat2: 'ENOSYS', 'x32-chmod': 'ENOSYS' });
});

t.test('without a filter attributes can be set', { skip }, async (test) => {
  const seen = await attempts(test, { program: 'attack-attributes', top: { seccomp: false } });
  test.match(seen, { setxattr: 'OK', getxattr: 'OK', 'acl-access': 'OK', immutable: 'EPERM' });
});

t.test('a writable input can be changed', { skip }, async (test) => {
  const sandbox = new Sandbox(rootOwner);
  test.teardown(() => sandbox.remove());
  const args = ['/gnu/store/opened/directory', '/gnu/store/opened/file'];
  const mounts = [{ source: Buffer.from(sandbox.inputs), target: Buffer.from('/gnu/store/opened'), readOnly: false }];
  const { output } = await sandbox.run({ program: 'attack-inputs', args, mounts });
  test.match(results(output), { 'inner-chmod': 'EPERM', 'create-in-directory': 'EACCES' }, 'no more EROFS');
});

t.test('without a filter foreign address families can be used', { skip }, async (test) => {
  const seen = await attempts(test, { program: 'attack-network', args: ['x'], top: { seccomp: false } });
  test.match(seen, { vsock: 'OK', 'netlink-audit': 'OK', packet: 'EPERM' });
});

t.test('the multiplexer of 32-bit builds is let through', { skip }, async (test) => {
  const top = { personality: { linux32: true } };
  const seen = await attempts(test, { program: 'attack-network', args: ['x'], top });
  test.match(seen, { 'vsock-by-multiplexer': 'OK', vsock: 'EAFNOSUPPORT' });
});

t.test('nestedNamespaces: false refuses user namespaces', { skip }, async (test) => {
  const args = [String(process.pid)];
  const seen = await attempts(test, { program: 'attack-kernel', args, top: { nestedNamespaces: false } });
  test.equal(seen['user-namespace'], 'EPERM');
});

/** A listener on an abstract name of this network namespace. */
async function listenAbstract(test: Test): Promise<string> {
  const name = `launcher-test-${process.pid}`;
  const server = createServer((connection) => connection.destroy());
  await new Promise<void>((resolve) => server.listen(`\0${name}`, resolve));
  test.teardown(() => server.close());
  return name;
}

t.test('S01 a shared network does not share abstract sockets', { skip }, async (test) => {
  const name = await listenAbstract(test);
  const shared = { program: 'attack-network', args: [name], sandbox: { network: 'host' } };
  test.equal((await attempts(test, shared))['abstract'], 'EPERM');
  test.equal((await attempts(test, { ...shared, sandbox: {} }))['abstract'], 'ECONNREFUSED');
  test.match(await attempts(test, shared), { loopback: 'OK', vsock: 'EAFNOSUPPORT' });
});
