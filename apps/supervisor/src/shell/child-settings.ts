/** How each process of the table is started: its rights, its settings, its sockets. */
import { commandLine, type ProcessEntry } from '@cooper/config';
import type { Log } from '@cooper/log';
import type { ChildSettings } from './child.ts';
import { clientSockets } from './client-socket.ts';
import { rightsOf } from './rights.ts';
import { closedDirectoryAbove } from './run-directory.ts';
import type { SupervisorSettings } from './settings.ts';

/** Throws the fault `invalid-option` where a socket for clients is none. */
export function childSettings(settings: SupervisorSettings, log: Log): (entry: ProcessEntry) => ChildSettings {
  const closed = closedDirectoryAbove(settings.directories.run);
  if (closed !== undefined) log.warning(`${closed} is closed to others: Guix's clients and substitutes will not work`);
  const sockets = clientSockets(settings['client-socket'], process.env);
  return (entry) => {
    const rights = rightsOf(entry, log);
    const words = [...commandLine(settings, entry.options), ...rights.words];
    const clients = entry.servesClients === true ? { clientSockets: sockets } : {};
    return { ...rights, run: settings.directories.run, words, ...clients };
  };
}
