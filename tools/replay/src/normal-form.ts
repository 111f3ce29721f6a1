/**
 * Takes out of what was recorded, and of what was seen, all that changes from run to run: process ids, progress, users of
 * the group of build users, times.
 */
import type { FileEntry } from './scenario.ts';

/** Lines that only show how far something is, or what caches had to say meanwhile: no two runs have the same. */
const progress = /^(@ download-progress |(warning: )?substitute: |Downloading |\r|.*\d+(\.\d+)?%)/;

/** As `ls -l` writes it. */
const date = /\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d\b/g;

/** The lines of a build log, likewise. */
export function normalLogLines(log: string): string[] {
  return log.split('\n').map((line) => line.replace(date, 'DATE'));
}

/** The lines of a text that a client was sent, without what changes from run to run. */
export function normalLines(text: string): string[] {
  return joinMultiplexed(text)
    .split('\n')
    .filter((line) => line !== '' && !progress.test(line))
    .map((line) =>
      line
        .replace(/^(@ build-started .*) \d+$/, '$1 PID')
        .replace(date, 'DATE')
        .replace(/\bprocess \d+\b/, 'process PID')
        .replace(/\(\d+\)/, '(PID)'),
    );
}

/**
 * The pieces of `@ build-log PID LENGTH` that belong to one builder are joined: where a log is cut depends on when it is
 * read. Each builder gets the number of its first appearance.
 */
function joinMultiplexed(text: string): string {
  const builders = new Map<string, { readonly place: number; log: string }>();
  let rest = text;
  let plain = '';
  for (let found = nextPiece(rest); found !== null; found = nextPiece(rest)) {
    const [, process = '', length = '0'] = found;
    const start = found.index + found[0].length;
    plain += rest.slice(0, found.index);
    const piece = rest.slice(start, start + Number(length));
    const builder = builders.get(process) ?? { place: builders.size + 1, log: '' };
    builder.log += piece;
    builders.set(process, builder);
    rest = rest.slice(start + Number(length));
  }
  const logs = Array.from(builders.values(), ({ place, log }) => log.replace(/^/gm, `log ${place}: `));
  return [plain + rest, ...logs].join('\n');
}

function nextPiece(text: string): RegExpExecArray | null {
  return /^@ build-log (\d+) (\d+)\n/m.exec(text);
}

/** The accounts that recordings were made with: which of them a build gets is chance. */
const buildUsers = new Set([983, 984, 985, 986]);

/** A file, as one line for people. */
export function fileLine({ name, mode, uid, gid, size, nlink, mtime, target }: FileEntry): string {
  const owner = buildUsers.has(uid) ? 'builder' : uid;
  const rest = [
    size === undefined ? '' : ` ${size} bytes`,
    nlink === undefined || nlink === 1 ? '' : ` ${nlink} links`,
    mtime === undefined ? '' : ` time ${mtime}`,
    target === undefined ? '' : ` -> ${target}`,
  ];
  return `${name} ${mode} ${owner}:${gid}${rest.join('')}`;
}
