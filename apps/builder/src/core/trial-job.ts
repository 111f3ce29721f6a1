/** A job for tests. */
import type { Job } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';

/** The store path of `name` whose hash part repeats `letter`. */
export function trialPath(name: string, letter = '0'): StorePath {
  return `/gnu/store/${letter.repeat(32)}-${name}` as StorePath;
}

/** A small job, with `changes`. */
export function trialJob(changes: Partial<Job> = {}): Job {
  return {
    derivation: trialPath('trial.drv', 'd'),
    mode: 'normal',
    system: 'x86_64-linux',
    builder: Buffer.from(`${trialPath('tools')}/bin/sh`),
    args: [Buffer.from('-c'), Buffer.from([0xff])],
    environment: [],
    directoryVariables: [],
    files: [],
    inputs: [trialPath('tools'), trialPath('input')],
    outputs: [{ name: 'out', path: trialPath('trial', '1') }],
    directory: Buffer.from('/gnu/store/.staging/1'),
    sandbox: true,
    sandboxPaths: [],
    network: 'private',
    impersonateLinux26: false,
    limits: { timeout: 0, maxSilentTime: 0, maxLogSize: 0 },
    log: null,
    keepFailed: false,
    features: [],
    preferLocal: false,
    ...changes,
  };
}
