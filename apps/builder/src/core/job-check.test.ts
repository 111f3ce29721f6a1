import type { Job } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { checkJob } from './job-check.ts';
import { trialJob } from './trial-job.ts';

const refused = (change: Partial<Job>) => () => checkJob(trialJob(change), '/gnu/store');
const fault = { code: 'invalid-request' };

t.test('a job of this store passes', async (t) => {
  t.doesNotThrow(refused({}));
  t.doesNotThrow(refused({ files: [{ name: '...', contents: Buffer.alloc(0) }] }));
});

t.test('paths of other stores, and what only looks like one of ours', async (t) => {
  const foreign = `/nix/store/${'0'.repeat(32)}-x` as StorePath;
  const climbing = `/gnu/store/../../etc/${'0'.repeat(32)}-x` as StorePath;
  for (const path of [foreign, climbing]) {
    t.throws(refused({ derivation: path }), fault);
    t.throws(refused({ inputs: [path] }), fault);
    t.throws(refused({ outputs: [{ name: 'out', path }] }), fault);
  }
});

t.test('S29: files outside the build directory', async (t) => {
  for (const name of ['', '.', '..', '/etc/x', '../x', 'a/b', 'a\0b']) {
    t.throws(refused({ files: [{ name, contents: Buffer.alloc(0) }] }), fault, JSON.stringify(name));
  }
});
