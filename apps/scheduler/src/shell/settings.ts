/** The scheduler's settings, from its command line, environment and configuration. */
import { parseGiven, readSettings as readAll, thisSystem } from '@cooper/config';
import type { EngineSettings } from '../core/engine.ts';

/** How often a lock of another program is asked for again, in ms: the reference's interval. */
const lockInterval = 5000;

export interface SchedulerSettings extends EngineSettings {
  /** Where to write the trace of the engine, if anywhere. */
  readonly trace: string | undefined;
}

/**
 * Reads the settings. `--trace=FILE` is the scheduler's own. The environment is also where the variables come from that
 * fixed-output derivations name in `impureEnvVars`.
 */
export function readSettings(args: readonly string[], environment: NodeJS.ProcessEnv): SchedulerSettings {
  const trace = args.find((word) => word.startsWith('--trace='));
  const given = parseGiven(args.filter((word) => word !== trace));
  const settings = readAll({ given, environment, uid: process.getuid?.() ?? 0 });
  return {
    storeDir: settings.directories.store,
    system: settings.system ?? thisSystem(),
    maxJobs: settings['max-jobs'],
    maxSubstitutions: settings['max-substitutions'],
    substitutes: !settings['no-substitutes'],
    cores: settings.cores,
    limits: {
      timeout: settings.timeout,
      maxSilentTime: settings['max-silent-time'],
      maxLogSize: settings['max-log-size'],
    },
    cacheFailures: settings['cache-failures'],
    sandbox: !settings['disable-chroot'],
    sandboxPaths: settings['sandbox-path'].map(sandboxPath),
    impersonateLinux26: settings['impersonate-linux-2.6'],
    log: settings['lose-logs'] ? null : settings['log-compression'],
    impureEnvironment: new Map(
      Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    lockInterval,
    trace: trace?.slice('--trace='.length),
  };
}

/** `TARGET=SOURCE`, or one path for both. */
function sandboxPath(text: string): { target: Uint8Array; source: Uint8Array } {
  const mark = text.indexOf('=');
  const target = mark < 0 ? text : text.slice(0, mark);
  return { target: Buffer.from(target), source: Buffer.from(mark < 0 ? text : text.slice(mark + 1)) };
}
