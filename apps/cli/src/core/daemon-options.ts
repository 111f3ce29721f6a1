/** What guix-daemon's options are in Cooper's settings. */
import type { GivenValues } from '@cooper/config';

/** What the command line gave, under the names that the parser of command lines has for them. */
export interface DaemonOptions {
  readonly listen?: readonly string[];
  readonly chrootDirectory?: readonly string[];
  readonly sandboxPath?: readonly string[];
  readonly logCompression?: string;
  readonly disableLogCompression?: boolean;
  readonly disableStoreOptimization?: boolean;
  /** False where `--no-substitutes` was given; the same for the two after it. */
  readonly substitutes: boolean;
  readonly offload: boolean;
  readonly buildHook: boolean;
  readonly gcKeepOutputs?: string | boolean;
  readonly gcKeepDerivations?: string | boolean;
}

/** The settings that need more than their own name. `stateDir` is where the socket is, unless `--listen` says otherwise. */
export function daemonSettings(options: DaemonOptions, stateDir: string): GivenValues {
  const compression = options.disableLogCompression === true ? 'none' : options.logCompression;
  return withoutAbsent({
    'client-socket': options.listen ?? [`${stateDir}/daemon-socket/socket`],
    'sandbox-path': together(options.sandboxPath, options.chrootDirectory),
    'log-compression': compression,
    'disable-deduplication': options.disableStoreOptimization,
    'no-substitutes': options.substitutes ? undefined : true,
    'no-offload': options.offload && options.buildHook ? undefined : true,
    'gc-keep-outputs': yesOrNo(options.gcKeepOutputs),
    'gc-keep-derivations': yesOrNo(options.gcKeepDerivations),
  });
}

/** Two options that mean one list. */
function together(ours: readonly string[] = [], theirs: readonly string[] = []): readonly string[] | undefined {
  return ours.length + theirs.length > 0 ? [...ours, ...theirs] : undefined;
}

/** An option whose value may be left out means yes without it. */
function yesOrNo(value: string | boolean | undefined): string | undefined {
  return value === true ? 'yes' : value === false ? 'no' : value;
}

function withoutAbsent(values: GivenValues): GivenValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
