/** What people wait for before anything happens: commands that start, and the processes that they may have to start. */
import { execa } from 'execa';
import { type Bench, clock, race } from './bench.ts';
import { cooperProgram } from './cooper-side.ts';
import { nixEnvironment, startNix } from './nix-side.ts';

const alone = 'a command that needs no process';
const running = 'ask whether a path is valid, processes running';
const cold = 'the same, processes started for it';

export async function startRows(bench: Bench): Promise<void> {
  if (![alone, running, cold].some((name) => bench.wants(name))) return;
  const root = bench.directory();
  const nixRoot = bench.directory();
  const nix = bench.options.alone ? undefined : await startNix({ root: nixRoot, sandbox: false, maxJobs: 1 });
  const cooper = (...words: string[]) => clock(() => execa(cooperProgram, words, { reject: false }));
  const directories = ['--store-dir', `${root}/store`, '--state-dir', `${root}/var`];
  const absent = (store: string) => `${store}/${'0'.repeat(32)}-absent`;
  const query = () => cooper('store', 'query', '--valid', absent(`${root}/store`), ...directories);
  const peerQuery = () =>
    clock(() =>
      execa('nix-store', ['--query', '--hash', absent(`${nixRoot}/store`)], {
        env: nixEnvironment(nixRoot),
        reject: false,
      }),
    );
  const peer = nix === undefined ? undefined : peerQuery;
  await bench.row({ name: alone, unit: 'ms', measure: () => race({ runs: 5, cooper: () => cooper('--version') }) });
  await bench.row({ name: cold, unit: 'ms', measure: () => race({ runs: 5, cooper: query, peer }) });
  const daemon = execa(cooperProgram, ['daemon', ...directories], { reject: false });
  try {
    await bench.row({ name: running, unit: 'ms', measure: () => race({ runs: 5, warmUps: 3, cooper: query, peer }) });
  } finally {
    daemon.kill();
    await daemon;
    await nix?.stop();
  }
}
