/** Examples of the scheduler contract. */
import type { Snapshot, schedulerContract } from '@cooper/contracts';
import type { Examples } from './example.ts';
import { absent, bytes, hello, helloDerivation, helloOutput, libc, time, url } from './samples.ts';

const built = {
  request: 1,
  results: [{ target: helloDerivation, status: 'built' as const, outputs: [helloOutput] }],
  exitStatus: 0,
};
const fetched = {
  request: 2,
  results: [{ target: hello, status: 'substituted' as const, outputs: [] }],
  exitStatus: 0,
};
const started = {
  event: 'build-started' as const,
  derivation: helloDerivation,
  system: 'x86_64-linux',
  logFile: bytes('/var/log/guix/drvs/dd/…hello-2.12.drv.gz'),
  process: 4711,
  agent: 'cooper-builder',
  time,
};
const now: Snapshot = {
  requests: [
    { request: 1, client: 'cooper build', uid: 1000, targets: [helloDerivation], since: time, goals: 2, done: 1 },
  ],
  goals: [
    {
      key: `b$${helloDerivation}`,
      kind: 'derivation',
      path: helloDerivation,
      state: 'waiting',
      waits: { for: 'slot', kind: 'build' },
      requests: [1],
      since: time,
    },
  ],
  slots: { builds: 1, maxBuilds: 1, substitutions: 0, maxSubstitutions: 8 },
};

export const schedulerExamples: Examples<typeof schedulerContract> = {
  realise: {
    params: { targets: [helloDerivation], mode: 'normal', options: { keepGoing: true } },
    items: [
      { event: 'planned', build: [helloDerivation] },
      started,
      { event: 'build-log', derivation: helloDerivation, data: bytes('hello\n') },
      { event: 'build-succeeded', derivation: helloDerivation, outputs: [helloOutput], duration: 1200, time },
    ],
    result: built,
  },
  plan: {
    params: { targets: [helloDerivation] },
    result: {
      build: [helloDerivation],
      substitute: [{ path: libc, downloadSize: 12_345_678, narSize: 40_000_000 }],
      valid: [],
      unknown: [],
    },
  },
  ensure: {
    params: { paths: [hello], options: {} },
    items: [
      { event: 'substitution-started', path: hello, url, time },
      { event: 'substitution-event', path: hello, detail: { event: 'progress', transferred: 51_234 } },
      { event: 'substitution-succeeded', path: hello, narSize: 226_560, duration: 300, time },
    ],
    result: fetched,
  },
  repair: { params: { paths: [hello], options: {} }, items: [started], result: built },
  attach: {
    params: { request: 1 },
    items: [{ event: 'build-log', derivation: helloDerivation, data: bytes('hello\n') }],
    result: built,
  },
  querySubstitutes: { params: { paths: [absent] }, result: { infos: [null] } },
  snapshot: { params: {}, result: now },
  watch: { params: { interval: 1000 }, items: [now], result: {} },
  cancel: { params: { request: 1 }, result: { cancelled: true } },
};
