/** What the agent is told by the settings. */
import { elsewhereLogs } from '@cooper/build-log';
import { type Settings, thisSystem } from '@cooper/config';
import { Fault } from '@cooper/fault';

export interface OffloadSettings {
  readonly machinesFile: string;
  /** The system of this machine, and all that it builds for. */
  readonly system: string;
  readonly localSystems: readonly string[];
  readonly storeDir: string;
  readonly logDir: string;
  /** Where the process may write. */
  readonly ownDirectory: string;
  /** The private key that opens accounts on machines whose entry names none. */
  readonly standardKey: string;
}

/** Throws the fault `invalid-option` without a file of machines. */
export function offloadSettings(settings: Settings): OffloadSettings {
  const machinesFile = settings['machines-file'];
  if (machinesFile === undefined) throw new Fault('invalid-option', 'offload needs machines: --machines-file=FILE', {});
  const system = settings.system ?? thisSystem();
  const { store, state, configuration, log } = settings.directories;
  return {
    machinesFile,
    system,
    localSystems: system === 'x86_64-linux' ? [system, 'i686-linux', 'builtin'] : [system, 'builtin'],
    storeDir: store,
    logDir: elsewhereLogs(log),
    ownDirectory: `${state}/offload`,
    standardKey: `${configuration}/machines-key`,
  };
}
