/** Examples of the remote contract. */
import type { remoteContract } from '@cooper/contracts';
import type { Examples } from './example.ts';
import { bytes, ended, hello, helloDerivation, libc, time } from './samples.ts';

/** The first bytes of an export stream: one item follows, and its archive begins. */
const data = Buffer.from('01000000000000000d000000000000006e69782d617263686976652d3100', 'hex');

export const remoteExamples: Examples<typeof remoteContract> = {
  describe: {
    params: {},
    result: {
      storeDir: bytes('/gnu/store'),
      version: '0.1.0',
      systems: ['x86_64-linux', 'i686-linux'],
      features: ['kvm'],
      cores: 16,
      signingKey: bytes('(public-key (ecc …))'),
    },
  },
  watchStatus: {
    params: { period: 5000 },
    items: [
      {
        load: 250,
        pressure: { processor: 1200, memory: 0, disk: 40 },
        freeMemory: 8_589_934_592,
        freeStore: 107_374_182_400,
        freeTemporary: 10_737_418_240,
        builds: 2,
        maxBuilds: 16,
      },
    ],
    result: {},
  },
  queryMissing: { params: { paths: [libc, hello], substitute: true }, result: { paths: [hello] } },
  importPiece: { params: { import: 1, data, last: true, compression: 'none' }, result: {} },
  build: {
    params: {
      derivation: helloDerivation,
      imports: [1],
      outputs: ['out'],
      limits: { timeout: 86_400, maxSilentTime: 3600, maxLogSize: 0 },
      substitute: true,
      compression: 'none',
    },
    items: [
      { event: 'started', process: 4711, logFile: bytes(''), time },
      { event: 'log', data: bytes('hello\n') },
      { event: 'outputs', paths: [hello], size: 226_560, compression: 'none' },
      { event: 'piece', data },
    ],
    result: { outcome: { status: 'succeeded', ...ended } },
  },
  exportPaths: { params: { paths: [hello], compression: 'none' }, items: [{ data }], result: {} },
};
