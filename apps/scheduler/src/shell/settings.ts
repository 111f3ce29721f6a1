/** The scheduler's settings, from its command line. */
import { parseArgs } from 'node:util';
import { Fault } from '@cooper/fault';
import type { EngineSettings } from '../core/engine.ts';

const options = {
  'store-dir': { type: 'string' },
  system: { type: 'string' },
  'max-jobs': { type: 'string', default: '1' },
  cores: { type: 'string', default: '0' },
  timeout: { type: 'string', default: '86400' },
  'max-silent-time': { type: 'string', default: '3600' },
  'max-log-size': { type: 'string', default: '0' },
  'disable-chroot': { type: 'boolean', default: false },
  'sandbox-path': { type: 'string', multiple: true, default: [] as string[] },
  'impersonate-linux-2.6': { type: 'boolean', default: false },
  'log-compression': { type: 'string', default: 'gzip' },
  'lose-logs': { type: 'boolean', default: false },
  trace: { type: 'string' },
} as const;

/** How often a lock of another program is asked for again, in ms: the reference's interval. */
const lockInterval = 5000;

export interface SchedulerSettings extends EngineSettings {
  /** Where to write the trace of the engine, if anywhere. */
  readonly trace: string | undefined;
}

/** Reads the command line. `environment` is where impure variables of fixed-output derivations come from. */
export function readSettings(args: readonly string[], environment: NodeJS.ProcessEnv): SchedulerSettings {
  const { values } = parseArgs({ args: [...args], options });
  const compression = values['log-compression'];
  if (!isCompression(compression))
    throw new Fault('invalid-option', `--log-compression does not take \`${compression}'`);
  return {
    storeDir: values['store-dir'] ?? '/gnu/store',
    system: values.system ?? thisSystem(),
    maxJobs: count('--max-jobs', values['max-jobs']),
    cores: count('--cores', values.cores),
    limits: {
      timeout: count('--timeout', values.timeout),
      maxSilentTime: count('--max-silent-time', values['max-silent-time']),
      maxLogSize: count('--max-log-size', values['max-log-size']),
    },
    sandbox: !values['disable-chroot'],
    sandboxPaths: values['sandbox-path'].map(sandboxPath),
    impersonateLinux26: values['impersonate-linux-2.6'],
    log: values['lose-logs'] ? null : compression,
    impureEnvironment: new Map(
      Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    lockInterval,
    trace: values.trace,
  };
}

function isCompression(word: string): word is 'none' | 'gzip' | 'bzip2' | 'zstd' {
  return ['none', 'gzip', 'bzip2', 'zstd'].includes(word);
}

function count(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new Fault('invalid-option', `${option} does not take \`${text}'`, { option, text });
  return Number(text);
}

/** `TARGET=SOURCE`, or one path for both. */
function sandboxPath(text: string): { target: Uint8Array; source: Uint8Array } {
  const mark = text.indexOf('=');
  const target = mark < 0 ? text : text.slice(0, mark);
  return { target: Buffer.from(target), source: Buffer.from(mark < 0 ? text : text.slice(mark + 1)) };
}

/** The system of this machine, as Guix and Nix name it. */
function thisSystem(): string {
  const names: Readonly<Record<string, string>> = { x64: 'x86_64', ia32: 'i686', arm64: 'aarch64', arm: 'armhf' };
  return `${names[process.arch] ?? process.arch}-linux`;
}
