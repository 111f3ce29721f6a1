/** The recorded sessions of the reference, replayed against Cooper. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { readGoldenBundle } from '../../../test/support/golden.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';

const skip = process.getuid?.() === 0 ? false : 'SKIPPED: needs root, to have a store and a network of its own';
const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** Unpacks bundles of recordings to a directory of the test. */
function unpack(folder: string, bundles: readonly string[]): void {
  for (const [name, bytes] of bundles.flatMap((bundle) => [...readGoldenBundle(bundle)])) {
    mkdirSync(dirname(`${folder}/${name}`), { recursive: true });
    writeFileSync(`${folder}/${name}`, bytes);
  }
}

// One world, one daemon, 59 sessions, on machines that may be busy.
t.setTimeout(115_000);

t.test('every recorded session goes as recorded', { skip }, async (t) => {
  const folder = temporaryDirectory(t);
  unpack(folder, ['worker-protocol/sessions.tar.zst', 'worker-protocol/common.tar.zst']);
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, folder], {
    encoding: 'utf8',
    timeout: 110_000,
  });
  t.match(stdout, /^59 passed, 0 failed$/m, `${stdout}${stderr}`);
  t.equal(status, 0);
});

t.test('what differs is shown, and fails', { skip }, async (t) => {
  const bundle = readGoldenBundle('worker-protocol/sessions.tar.zst');
  const only = temporaryDirectory(t);
  for (const name of ['handshake', 'raw-unknown-operation']) {
    for (const end of ['client.bin', 'daemon.bin', 'json'])
      writeFileSync(`${only}/${name}.${end}`, bundle.get(`${name}.${end}`) as Buffer);
  }
  const changed = Buffer.from(bundle.get('raw-unknown-operation.daemon.bin') as Buffer);
  changed.write('I', changed.indexOf('invalid operation'));
  writeFileSync(`${only}/raw-unknown-operation.daemon.bin`, changed);
  const { stdout, status } = spawnSync(process.execPath, [main, only], { encoding: 'utf8', timeout: 110_000 });
  t.match(stdout, /^ *- {3}error 1: Invalid operation 99$/m);
  t.match(stdout, /^1 passed, 1 failed$/m);
  t.equal(status, 1);
});
