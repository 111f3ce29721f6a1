/**
 * The process table: which processes there are, what starts each, what it serves and what it uses. `processes` in the
 * configuration file puts another program in the place of one of ours, leaves one out, or adds build agents.
 */
import { fileURLToPath } from 'node:url';
import { Fault } from '@cooper/fault';
import type { OptionName } from './option.ts';

export interface ProcessEntry {
  readonly name: string;
  /** Program and arguments; settings and wiring are added behind. */
  readonly command: readonly string[];
  /** Settings that it is given. */
  readonly options: readonly OptionName[];
  /** Contracts and sockets that it serves: each is a listening socket `<run>/<name>`. */
  readonly serves: readonly string[];
  /** What it is connected to at its start: the name on its command line, and the socket behind it. */
  readonly uses: readonly { readonly channel: string; readonly socket: string }[];
  /**
   * With root: what the process keeps of it. `dropped`: it becomes another user itself, when its program is loaded, which
   * that user may not be able to read; `none`: it is that user from the start. Capabilities are named as in
   * capabilities(7), in small letters.
   */
  readonly rights: 'all' | 'dropped' | 'none' | { readonly capabilities: readonly string[] };
  /** Whether clients of the outside come to it: it is given a listening socket for each `client-socket`. */
  readonly servesClients?: true;
  /** A directory below the state that is its own: it may write there, whatever user it is. */
  readonly directory?: string;
  /** Another, below that of the logs. */
  readonly logDirectory?: string;
  /** The setting without which the process is not needed. */
  readonly onlyWith?: OptionName;
  /** Its one channel is its standard input and output, and its command line is its own: the program need know nothing of us. */
  readonly plain?: true;
  /** What the death of the process means: that of everything, or only of what it was doing. */
  readonly death: 'fatal' | 'restart';
}

const buildAgent = { channel: 'build-agent', socket: 'build-agents' } as const;
const store = { channel: 'store', socket: 'store' } as const;

const directories = ['store-dir', 'state-dir', 'log-dir', 'database-dir', 'configuration-dir'] as const;

/** The table that ships with Cooper. The order is that in which processes are started. */
export const processTable: readonly ProcessEntry[] = [
  {
    name: 'store',
    command: executable('store'),
    options: [
      ...directories,
      'build-users-group',
      'gc-keep-outputs',
      'gc-keep-derivations',
      'disable-deduplication',
      'min-free',
      'max-free',
      'trusted-public-keys',
      'allow-unauthenticated-substitutes',
    ],
    serves: ['store'],
    uses: [],
    rights: { capabilities: ['chown', 'dac_override', 'fowner'] },
    death: 'fatal',
  },
  {
    name: 'scheduler',
    command: executable('scheduler'),
    options: [
      'store-dir',
      'system',
      'max-jobs',
      'max-substitutions',
      'no-substitutes',
      'cores',
      'timeout',
      'max-silent-time',
      'max-log-size',
      'cache-failures',
      'disable-chroot',
      'sandbox-path',
      'impersonate-linux-2.6',
      'log-compression',
      'lose-logs',
    ],
    serves: ['scheduler', 'build-agents', 'substitute-agents'],
    uses: [store],
    rights: 'dropped',
    death: 'fatal',
  },
  {
    name: 'offload',
    command: executable('offload'),
    options: [...directories, 'system', 'machines-file'],
    serves: ['machines'],
    uses: [buildAgent, store],
    rights: 'dropped',
    directory: 'offload',
    logDirectory: 'elsewhere',
    onlyWith: 'machines-file',
    death: 'restart',
  },
  {
    name: 'hook',
    command: executable('hook'),
    options: [...directories, 'system', 'build-hook'],
    serves: [],
    uses: [buildAgent, store],
    rights: 'all',
    onlyWith: 'build-hook',
    death: 'restart',
  },
  {
    name: 'builder',
    command: executable('builder'),
    options: [
      ...directories,
      'system',
      'system-features',
      'build-users-group',
      'network-helper',
      'max-build-memory',
      'max-build-processes',
    ],
    serves: [],
    uses: [buildAgent],
    rights: 'all',
    death: 'restart',
  },
  {
    name: 'busy-items',
    command: [fileURLToPath(new URL('../../../native/busy-items/build/cooper-busy-items', import.meta.url))],
    options: ['store-dir'],
    serves: ['busy-items'],
    uses: [],
    rights: { capabilities: ['sys_ptrace', 'dac_read_search'] },
    death: 'restart',
  },
  {
    name: 'daemon',
    command: executable('daemon'),
    options: [
      ...directories,
      'timeout',
      'max-silent-time',
      'max-log-size',
      'no-substitutes',
      'substitute-urls',
      'no-offload',
      'rounds',
      'gc-keep-outputs',
      'gc-keep-derivations',
      'min-free',
      'max-free',
    ],
    serves: [],
    uses: [store, { channel: 'scheduler', socket: 'scheduler' }],
    rights: 'dropped',
    servesClients: true,
    onlyWith: 'client-socket',
    death: 'restart',
  },
  {
    name: 'substitute',
    command: executable('substitute'),
    options: [
      'store-dir',
      'state-dir',
      'configuration-dir',
      'substitute-urls',
      'trusted-public-keys',
      'allow-unauthenticated-substitutes',
    ],
    serves: [],
    uses: [{ channel: 'substitute', socket: 'substitute-agents' }],
    rights: 'dropped',
    directory: 'substitute',
    death: 'restart',
  },
];

/** The command of the supervisor itself. */
export const supervisorCommand: readonly string[] = executable('supervisor');

/** The command of the server of substitutes, which is started beside the processes of the table. */
export const publishCommand: readonly string[] = executable('publish');

/** The command of what builds for another machine, which is started beside them for as long as that is connected. */
export const remoteCommand: readonly string[] = executable('remote');

/** The table with the changes that the configuration file makes. Throws the fault `invalid-configuration`. */
export function changeProcessTable(table: readonly ProcessEntry[], changes: unknown): readonly ProcessEntry[] {
  if (!isRecord(changes)) return refuse('expected a map of processes');
  const changed = table.flatMap((entry) => {
    if (!Object.hasOwn(changes, entry.name)) return [entry];
    const change = changes[entry.name];
    return change === null ? [] : [replacedProcess(entry, change)];
  });
  const added = Object.entries(changes).filter(([name]) => table.every((entry) => entry.name !== name));
  return [...changed, ...added.map(([name, change]) => addedAgent(name, change))];
}

/** Another program in the place of one of ours. */
function replacedProcess(entry: ProcessEntry, change: unknown): ProcessEntry {
  const { command, isPlain } = readProgram(entry.name, change);
  if (!isPlain) return { ...entry, command };
  if (entry.serves.length > 0 || entry.uses.length !== 1) {
    return refuse(`${entry.name}.plain: it has more than one channel`);
  }
  // It cannot become another user itself: nobody tells it which.
  const rights = entry.rights === 'dropped' ? 'none' : entry.rights;
  return { ...entry, command, rights, options: [], plain: true };
}

/** A process that is not ours does builds, as a user without rights; without our settings, which it does not know. */
function addedAgent(name: string, change: unknown): ProcessEntry {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) return refuse(`\`${name}' is no name for a process`);
  const { command, isPlain } = readProgram(name, change);
  const uses = [buildAgent];
  const entry = { name, command, options: [], serves: [], uses, rights: 'none', death: 'restart' } as const;
  return isPlain ? { ...entry, plain: true } : entry;
}

interface Program {
  readonly command: readonly string[];
  readonly isPlain: boolean;
}

function readProgram(name: string, change: unknown): Program {
  if (!isRecord(change)) return refuse(`${name}: expected a map`);
  const unknown = Object.keys(change).find((key) => key !== 'command' && key !== 'plain');
  if (unknown !== undefined) return refuse(`${name}: there is no setting \`${unknown}'`);
  const { command, plain = false } = change;
  if (typeof plain !== 'boolean') return refuse(`${name}.plain: expected true or false`);
  if (!Array.isArray(command) || command.length === 0 || !command.every((word) => typeof word === 'string')) {
    return refuse(`${name}.command: expected a list of words`);
  }
  if (!(command[0] as string).startsWith('/')) return refuse(`${name}.command: expected an absolute path first`);
  return { command, isPlain: plain };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(message: string): never {
  throw new Fault('invalid-configuration', `processes: ${message}`, { name: 'processes' });
}

function executable(app: string): readonly string[] {
  return [fileURLToPath(new URL(`../../../apps/${app}/bin/cooper-${app}`, import.meta.url))];
}
