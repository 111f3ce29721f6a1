/** Where things are: as Guix has them for root, below the user's own state directory for everyone else. */
import { Fault } from '@cooper/fault';

export interface Directories {
  readonly store: string;
  readonly state: string;
  readonly log: string;
  readonly database: string;
  readonly configuration: string;
  /** Sockets, locks and records of running processes; below the state, for its owner alone. */
  readonly run: string;
}

interface Chosen {
  readonly 'store-dir': string | undefined;
  readonly 'state-dir': string | undefined;
  readonly 'log-dir': string | undefined;
  readonly 'database-dir': string | undefined;
  readonly 'configuration-dir': string | undefined;
}

interface Who {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
}

/** The directories: those that were chosen, and for the rest the defaults for this user. */
export function resolveDirectories(chosen: Chosen, who: Who): Directories {
  const base = who.uid === 0 ? rootDirectories : userDirectories(who.environment);
  const state = absolute('state-dir', chosen['state-dir'] ?? base.state);
  // Whoever moves the state elsewhere wants the rest of it there, too: an own state directory is a world of its own.
  const moved = state !== base.state;
  return {
    store: absolute('store-dir', chosen['store-dir'] ?? base.store),
    state,
    log: absolute('log-dir', chosen['log-dir'] ?? (moved ? `${state}/log` : base.log)),
    database: absolute('database-dir', chosen['database-dir'] ?? `${state}/db`),
    configuration: absolute(
      'configuration-dir',
      chosen['configuration-dir'] ?? (moved ? `${state}/etc` : base.configuration),
    ),
    run: `${state}/run`,
  };
}

const rootDirectories = {
  store: '/gnu/store',
  state: '/var/guix',
  log: '/var/log/guix',
  configuration: '/etc/guix',
};

function userDirectories(environment: Who['environment']): typeof rootDirectories {
  const home = environment['HOME'] ?? '/';
  const state = `${environment['XDG_STATE_HOME'] ?? `${home}/.local/state`}/cooper`;
  return {
    store: `${state}/store`,
    state,
    log: `${state}/log`,
    configuration: `${environment['XDG_CONFIG_HOME'] ?? `${home}/.config`}/cooper`,
  };
}

function absolute(option: string, path: string): string {
  if (!path.startsWith('/'))
    throw new Fault('invalid-option', `--${option} takes an absolute path, not \`${path}'`, { option, path });
  const clean = path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
  if (clean.split('/').some((part) => part === '.' || part === '..')) {
    throw new Fault('invalid-option', `--${option} takes a path without \`.' and \`..', not \`${path}'`, {
      option,
      path,
    });
  }
  return clean;
}
