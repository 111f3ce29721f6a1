/** What the probe of test/programs wrote, and what recordings of the reference daemon say of the same things. */
import { readFileSync } from 'node:fs';

const recordings = new URL('../../../test/golden/sandbox/', import.meta.url);

/** One entry of a directory. `mode` is octal, with the type. */
export interface Entry {
  readonly mode: string;
  readonly target: string | undefined;
}

/** The sections of the probe's output. */
export function sections(output: string): ReadonlyMap<string, string> {
  const parts = output.split(/^== (.*)\n/m).slice(1);
  return new Map(parts.flatMap((name, index) => (index % 2 === 0 ? [[name, parts[index + 1] ?? ''] as const] : [])));
}

/** A recorded file of a configuration, such as `chroot-users-normal`. */
export function recorded(configuration: string, name: string): string {
  return readFileSync(new URL(`${configuration}/${name}.txt`, recordings), 'latin1');
}

/** The entries of a section that lists a directory. */
export function entries(section: string | undefined): Record<string, Entry> {
  const lines = (section ?? '').trimEnd().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [, mode = '', name = '', target] = /^(\d+) \d+ \d+ (.*?)(?: -> (.*))?$/.exec(line) ?? [];
      return [name, { mode, target }] as const;
    }),
  );
}

const typeBits: Readonly<Record<string, number>> = { d: 0o040000, c: 0o020000, l: 0o120000, '-': 0o100000 };

/** The octal mode of `drwxrwxrwt` and the like. */
function octal(letters: string): string {
  const [type = '', ...rest] = letters;
  const permissions = rest.map((letter) => ('-ST'.includes(letter) ? '0' : '1')).join('');
  const sticky = /[tT]$/.test(letters) ? 0o1000 : 0;
  const mode = (typeBits[type] ?? 0) | sticky | Number.parseInt(permissions, 2);
  return mode.toString(8).padStart(6, '0');
}

/** The entries of the first directory in a recorded `ls -la`. */
export function recordedEntries(text: string): Record<string, Entry> {
  const [first = ''] = text.replace(/^\/.*:\n/, '').split('\n\n');
  const lines = first.split('\n').filter((line) => /^[dlcbps-][rwxsStT-]{9}/.test(line));
  const pairs = lines.map((line) => {
    const [, letters = '', name = '', target] = /^(\S+).* \d\d:\d\d (.*?)(?: -> (.*))?$/.exec(line) ?? [];
    return [name, { mode: octal(letters), target }] as const;
  });
  return Object.fromEntries(pairs.filter(([name]) => name !== '..'));
}

/** Mount point to file system type, of a mountinfo. */
export function mounts(mountinfo: string): Record<string, string> {
  const lines = mountinfo.trimEnd().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      return [before.split(' ')[4] ?? '', after.split(' ')[0] ?? ''] as const;
    }),
  );
}

/** The options of one mount point. */
export function mountOptions(mountinfo: string, point: string): readonly string[] {
  const line = mountinfo.split('\n').find((candidate) => candidate.split(' ')[4] === point);
  return line?.split(' ')[5]?.split(',') ?? [];
}

/** A line `Name:\tvalue` of a status file. */
export function status(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:[\\t ]*(.*?)[\\t ]*$`, 'm').exec(text)?.[1];
}
