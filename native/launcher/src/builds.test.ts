/** Builds beside builds and inside builds. */
import { chownSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { frame, launcherPath } from './launch.ts';
import {
  buildDirectory,
  bytes,
  mount,
  type Owner,
  reasonToSkip,
  results,
  rootOwner,
  Sandbox,
  store,
  userOwner,
} from './sandbox.ts';
import { entries, sections, status } from './seen.ts';

const leftovers = ['shared-memory', 'semaphore', 'message-queue', 'posix-queue', 'posix-shared-memory', 'tmp', 'store'];

/** A specification for a launcher that runs inside this sandbox, as its user, in the build directory. */
function innerSpecification(program: string): Record<string, unknown> {
  const inner = `${buildDirectory}/inner`;
  return {
    version: 1,
    builder: bytes(`${store}/tools/${program}`),
    args: [bytes(program)],
    environment: [],
    workingDirectory: bytes('/'),
    sandbox: {
      root: bytes(inner),
      mounts: [mount(`${store}/tools`, `${store}/tools`), mount(`${store}/file`, `${store}/file`)],
      devices: true,
      proc: true,
      network: 'private',
      userNamespace: { innerUid: 40001, innerGid: 40000 },
    },
    uid: null,
    gid: null,
    groups: null,
  };
}

function prepareInner(sandbox: Sandbox, program: string): void {
  const inner = join(sandbox.build, 'inner');
  mkdirSync(inner);
  writeFileSync(join(sandbox.build, 'specification'), frame(innerSpecification(program)));
  copyFileSync(launcherPath, join(sandbox.inputs, 'launcher'));
  for (const path of [inner, join(sandbox.build, 'specification')])
    chownSync(path, sandbox.owner.uid, sandbox.owner.gid);
}

function sandboxOf(test: { teardown(handler: () => void): void }, owner: Owner): Sandbox {
  const sandbox = new Sandbox(owner);
  test.teardown(() => sandbox.remove());
  return sandbox;
}

for (const owner of [userOwner, rootOwner]) {
  const skip = reasonToSkip(owner);

  t.test(`${owner.kind}: S25 a build leaves nothing for the next one`, { skip }, async (test) => {
    const left = await sandboxOf(test, owner).run({ program: 'attack-leftovers', args: ['leave'] });
    test.strictSame(results(left.output), Object.fromEntries(leftovers.map((name) => [name, 'OK'])));
    const found = await sandboxOf(test, owner).run({ program: 'attack-leftovers', args: ['look'] });
    test.strictSame(results(found.output), Object.fromEntries(leftovers.map((name) => [name, 'ENOENT'])));
  });

  t.test(`${owner.kind}: S32 a launcher runs inside a build`, { skip }, async (test) => {
    const sandbox = sandboxOf(test, owner);
    prepareInner(sandbox, 'probe');
    const args = [`${store}/launcher`, `${buildDirectory}/specification`];
    const { exitCode, output, report } = await sandbox.run({ program: 'relaunch', args });
    test.match({ exitCode, report }, { exitCode: 0, report: undefined });
    const seen = sections(output);
    test.equal(status(seen.get('proc-status') ?? '', 'Uid'), '40001\t40001\t40001\t40001');
    test.equal(status(seen.get('proc-status') ?? '', 'Seccomp_filters'), '2');
    test.equal(seen.get('session'), '1 0 1 1\n');
    test.strictSame(Object.keys(entries(seen.get('ls-store'))).sort(), ['.', 'file', 'tools']);
  });

  t.test(`${owner.kind}: S32 where namespaces are refused, the inner launcher says so`, { skip }, async (test) => {
    const sandbox = sandboxOf(test, owner);
    prepareInner(sandbox, 'probe');
    const args = [`${store}/launcher`, `${buildDirectory}/specification`];
    const { exitCode, output } = await sandbox.run({ program: 'relaunch', args, top: { nestedNamespaces: false } });
    test.equal(exitCode, 71);
    test.match(output, /create-process.*EPERM/s);
    test.notMatch(output, '== ', 'and nothing ran');
  });
}
