/** Examples of the machines contract. */
import type { machinesContract } from '@cooper/contracts';
import type { Examples } from './example.ts';

export const machinesExamples: Examples<typeof machinesContract> = {
  list: {
    params: {},
    result: {
      machines: [
        {
          name: 'big',
          host: 'big.example.org',
          state: 'connected',
          running: 2,
          jobs: 8,
          systems: ['x86_64-linux'],
          features: ['kvm'],
          speed: 1000,
          load: { processors: 16, load: 250, free: 107_374_182_400 },
        },
      ],
    },
  },
  check: {
    params: { names: ['big'] },
    items: [{ machine: 'big', step: 'reach', succeeded: true, finding: 'cooper 0.1.0 answers', duration: 640 }],
    result: {},
  },
};
