/**
 * The lines of Nix's `machines` file, as in the manual of Nix under `builders`: store URI, systems, key, jobs, speed,
 * features, mandatory features, host key in base 64; `-` is the default. The host key is optional there, and not here.
 */

export interface NixEntry {
  readonly line: number;
  /** To be checked against the schema of our own file. */
  readonly entry: Readonly<Record<string, unknown>>;
}

type Refuse = (place: string, what: string) => never;

const columns = ['URI', 'systems', 'key', 'jobs', 'speed', 'features', 'mandatory features', 'host key'];

/** Calls `refuse` with the place of what is wrong. */
export function parseNixMachines(contents: string, refuse: Refuse): readonly NixEntry[] {
  return contents.split('\n').flatMap((text, index) => {
    const line = index + 1;
    const entries = text.replace(/#.*/, '').split(';');
    return entries
      .map((entry) => entry.trim().split(/\s+/))
      .filter(([first]) => first !== '')
      .map((fields) => ({
        line,
        entry: readEntry(fields, (place, what) => refuse(`line ${line}${place === '' ? '' : `, ${place}`}`, what)),
      }));
  });
}

function readEntry(fields: readonly string[], refuse: Refuse): NixEntry['entry'] {
  if (fields[0]?.startsWith('@')) return refuse('', 'files that are named in a file are not read');
  if (fields.length > columns.length) return refuse('', `more than ${columns.length} fields`);
  const [uri = '', systems, key, jobs, speed, features, mandatory, hostKey] = fields.map((field) => field);
  if (isDefault(hostKey))
    return refuse('field 8', 'the host key is missing: without it, anybody could be that machine');
  return {
    ...readUri(uri, refuse),
    hostKey: Buffer.from(hostKey, 'base64').toString('latin1').trim(),
    ...(isDefault(systems) ? {} : { systems: systems.split(',') }),
    ...(isDefault(key) ? {} : { key }),
    ...(isDefault(jobs) ? {} : { jobs: readNumber(jobs, 'jobs', refuse) }),
    ...(isDefault(speed) ? {} : { speed: readNumber(speed, 'speed', refuse) }),
    ...(isDefault(features) ? {} : { features: features.split(',') }),
    ...(isDefault(mandatory) ? {} : { mandatoryFeatures: mandatory.split(',') }),
  };
}

function isDefault(field: string | undefined): field is undefined | '-' {
  return field === undefined || field === '-';
}

/** `ssh://USER@HOST:PORT`, `ssh-ng://…`, or `USER@HOST`. */
function readUri(uri: string, refuse: Refuse): Readonly<Record<string, unknown>> {
  const match = /^(?:(?:ssh|ssh-ng):\/\/)?(?:([^@/?]+)@)?(\[[^\]]+\]|[^:@/?[]+)(?::(\d{1,5}))?$/.exec(uri);
  if (match === null) return refuse('field 1', `expected ssh://USER@HOST:PORT, not \`${uri}'`);
  const [, user, host = '', port] = match;
  return {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

function readNumber(field: string, column: string, refuse: Refuse): number {
  return /^\d+(\.\d+)?$/.test(field) ? Number(field) : refuse(column, `expected a number, not \`${field}'`);
}
