import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { AT_FDCWD, fstatat } from './index.ts';

const here = fileURLToPath(new URL('..', import.meta.url));

t.test('says how to build the addon where it is missing', async (t) => {
  const area = temporaryDirectory(t);
  cpSync(`${here}/src`, `${area}/src`, { recursive: true });
  cpSync(`${here}/package.json`, `${area}/package.json`);
  symlinkSync(`${here}/../../node_modules`, `${area}/node_modules`);
  const entry = JSON.stringify(`${area}/src/index.ts`);
  const script = `import(${entry}).catch((fault) => console.log(fault.code, fault.message))`;
  const { stdout } = spawnSync(process.execPath, ['-e', script]);
  t.match(stdout.toString(), /^addon-missing .*build\/system-calls\.node.*npm run build/);
});

t.test('every C file is in the addon', async (t) => {
  const objects = readdirSync(`${here}/build`).filter((name) => name.endsWith('.o'));
  const sources = readdirSync(`${here}/c`).filter((name) => name.endsWith('.c'));
  t.strictSame(objects.map((name) => name.replace(/o$/, 'c')).sort(), sources.sort());
});

t.test('works in worker threads, each with results of its own', async (t) => {
  const program = `
    import(${JSON.stringify(`${here}/src/index.ts`)}).then(({ fstatat, AT_FDCWD }) => {
      const seen = new Set();
      for (let count = 0; count < 50000; count++) seen.add(fstatat(AT_FDCWD, '/dev/null').type);
      require('node:worker_threads').parentPort.postMessage([...seen]);
    });`;
  const worker = new Worker(program, { eval: true });
  const answer = once(worker, 'message');
  await once(worker, 'online');
  const seen = new Set<string>();
  for (let count = 0; count < 50_000; count++) seen.add(fstatat(AT_FDCWD, '/').type);
  t.strictSame([...seen], ['directory']);
  t.strictSame(await answer, [['character-device']]);
});
