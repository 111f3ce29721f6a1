import type { Job } from '@cooper/contracts';
import t from 'tap';
import { lackingFeatures } from './features.ts';
import { trialJob } from './trial-job.ts';

const job = (features: readonly string[]): Job => ({ ...trialJob(), features: [...features] });

t.test('a machine that says nothing has every feature', async (t) => {
  t.equal(lackingFeatures(job(['kvm', 'unheard-of']), []), undefined);
});

t.test('one that says what it has does nothing that needs more', async (t) => {
  t.equal(lackingFeatures(job([]), ['kvm']), undefined);
  t.equal(lackingFeatures(job(['kvm']), ['big-parallel', 'kvm']), undefined);
  t.match(lackingFeatures(job(['kvm', 'benchmark', 'nixos-test']), ['kvm']), /lacks: benchmark, nixos-test$/);
});
