/** Examples of the build-agent contract. */
import type { buildAgentContract, Job } from '@cooper/contracts';
import type { Examples } from './example.ts';
import { bytes, ended, helloDerivation, helloOutput, libc, time } from './samples.ts';

const job: Job = {
  derivation: helloDerivation,
  mode: 'normal',
  system: 'x86_64-linux',
  builder: bytes('/bin/sh'),
  args: [bytes('-c'), bytes('echo hello > $out')],
  environment: [{ name: bytes('out'), value: bytes(helloOutput.path) }],
  directoryVariables: ['TMPDIR', 'PWD'],
  files: [],
  inputs: [libc],
  outputs: [helloOutput],
  directory: bytes('/gnu/store/.cooper/build-7'),
  sandbox: true,
  sandboxPaths: [],
  network: 'private',
  impersonateLinux26: false,
  limits: { timeout: 86_400, maxSilentTime: 3600, maxLogSize: 0 },
  log: 'gzip',
  keepFailed: false,
  features: [],
  preferLocal: false,
};

export const buildAgentExamples: Examples<typeof buildAgentContract> = {
  offer: {
    params: { job },
    items: [
      { event: 'started', process: 4711, logFile: bytes('/var/log/guix/drvs/dd/…hello-2.12.drv.gz'), time },
      { event: 'log', data: bytes('hello\n') },
    ],
    result: { outcome: { status: 'succeeded', ...ended, root: bytes('root'), owner: 30_001 } },
  },
  settle: { params: { held: 3, failed: true }, result: { keptDirectory: bytes('/tmp/guix-build-hello-2.12.drv-0') } },
};
