/** Recordings of sessions, as they lie in a folder: `NAME.client.bin`, `NAME.daemon.bin` and `NAME.json`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Recording {
  readonly name: string;
  /** What the client sent. */
  readonly client: Buffer;
  /** What the daemon sent. */
  readonly daemon: Buffer;
  /** The options of the daemon that answered. */
  readonly options: readonly string[];
}

const suffix = '.client.bin';

/** `folder` and those below it in which there are recordings. */
export function foldersWithRecordings(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  const own = entries.some(({ name }) => name.endsWith(suffix)) ? [folder] : [];
  return [...own, ...below.sort().flatMap(foldersWithRecordings)];
}

/** Every recording in `folder`, by name. */
export function readRecordings(folder: string): Recording[] {
  const names = readdirSync(folder).filter((file) => file.endsWith(suffix));
  return names.sort().map((file) => readRecording(folder, file.slice(0, -suffix.length)));
}

function readRecording(folder: string, name: string): Recording {
  const description = join(folder, `${name}.json`);
  const told = existsSync(description)
    ? (JSON.parse(readFileSync(description, 'utf8')) as Record<string, unknown>)
    : {};
  return {
    name,
    client: readFileSync(join(folder, `${name}${suffix}`)),
    daemon: readFileSync(join(folder, `${name}.daemon.bin`)),
    options: (told['daemon-options'] as readonly string[] | undefined) ?? ['--disable-chroot', '--no-offload'],
  };
}

/** What lies beside the recordings and is needed to play them: the keys, the cache, the items that were there before. */
export function commonFolder(folder: string): string | undefined {
  const places = [join(folder, 'common'), join(folder, '../common'), join(folder, '../behaviour/common')];
  return places.find((place) => existsSync(place));
}
