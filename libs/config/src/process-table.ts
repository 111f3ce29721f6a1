/**
 * The process table: which processes there are, what starts each, what it serves and what it uses. Another program is put
 * in the place of one of ours by another command.
 */
import { fileURLToPath } from 'node:url';
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
  /** With root: keep these capabilities and no others; nil: become an unprivileged user. */
  readonly capabilities: readonly string[] | null;
  /** What the death of the process means: that of everything, or only of what it was doing. */
  readonly death: 'fatal' | 'restart';
}

const directories = ['store-dir', 'state-dir', 'log-dir', 'database-dir', 'configuration-dir'] as const;

/** The table that ships with Cooper. The order is that in which processes are started. */
export const processTable: readonly ProcessEntry[] = [
  {
    name: 'store',
    command: executable('store'),
    options: [...directories, 'build-users-group'],
    serves: ['store'],
    uses: [],
    capabilities: ['chown', 'dac_override', 'fowner'],
    death: 'fatal',
  },
  {
    name: 'scheduler',
    command: executable('scheduler'),
    options: [
      'store-dir',
      'system',
      'max-jobs',
      'cores',
      'timeout',
      'max-silent-time',
      'max-log-size',
      'disable-chroot',
      'sandbox-path',
      'impersonate-linux-2.6',
      'log-compression',
      'lose-logs',
    ],
    serves: ['scheduler', 'build-agents'],
    uses: [{ channel: 'store', socket: 'store' }],
    capabilities: null,
    death: 'fatal',
  },
  {
    name: 'builder',
    command: executable('builder'),
    options: [...directories, 'system', 'build-users-group'],
    serves: [],
    uses: [{ channel: 'build-agent', socket: 'build-agents' }],
    capabilities: [],
    death: 'restart',
  },
];

/** The command of the supervisor itself. */
export const supervisorCommand: readonly string[] = executable('supervisor');

function executable(app: string): readonly string[] {
  return [fileURLToPath(new URL(`../../../apps/${app}/bin/cooper-${app}`, import.meta.url))];
}
