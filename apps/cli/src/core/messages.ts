/** The texts for people that the command line makes, in one place. */
import type { Item, SchedulerEvent, storeContract, WaitReason } from '@cooper/contracts';
import { storePathName } from '@cooper/store-path';
import { formatSize } from './byte-size.ts';
import type { ClosureChange } from './closure-diff.ts';
import { formatDuration } from './duration.ts';

type Problem = Exclude<Item<typeof storeContract, 'verify'>, { event: 'progress' }>;
type Failed = Extract<SchedulerEvent, { event: 'build-failed' }>;

export const messages = {
  error: (text: string) => `cooper: error: ${text}`,
  bug: (stack: string) => `cooper: bug: ${stack}`,
  warning: (text: string) => `cooper: warning: ${text}`,
  noDiscovery: "caches of the local network are not looked for: `--discover' has no effect",
  info: (text: string) => `cooper: ${text}`,
  started: (path: string) => `building \`${path}'...`,
  succeeded: (path: string, milliseconds: number) => `built \`${path}' in ${formatDuration(milliseconds)}`,
  fetching: (path: string, url: string) => `fetching \`${path}' from ${url}...`,
  fetched: (path: string, milliseconds: number) => `fetched \`${path}' in ${formatDuration(milliseconds)}`,
  logLine: (name: string, line: string) => `${name}> ${line}`,
  logTail: (count: number) => (count === 1 ? '  the last line of its log:' : `  the last ${count} lines of its log:`),
  logTailLine: (line: string) => `  > ${line}`,
  wholeLog: (path: string) => `  the whole log: cooper log ${path}`,
  failed: ({ message }: Failed) => message,
  differs: (file: string) => `  differs: ${file}`,
  waiting: (path: string, reason: WaitReason) => `\`${path}' waits ${waitText(reason)}`,
  allValid: (count: number, storeDir: string) =>
    `nothing to build: ${count === 1 ? 'the output is' : `all ${count} outputs are`} valid in \`${storeDir}' already`,
  nothingToBuild: 'nothing would be built',
  wouldBuild: (paths: readonly string[]) => count(paths, 'derivation would be built', 'derivations would be built'),
  wouldFetch: (substitutes: readonly Sizes[]) =>
    `${items(substitutes.length)} would be fetched (${sizesText(substitutes)}):${substitutes.map(({ path }) => `\n  ${path}`).join('')}`,
  available: ({ path, url, ...sizes }: Sizes & { readonly url: string }) =>
    `${path}  ${sizesText([{ path, ...sizes }])}  ${url}`,
  unavailable: (path: string) => `${path}  nobody has it`,
  weather: (found: readonly Sizes[], count: number) =>
    `${found.length} of ${items(count)} can be fetched${found.length === 0 ? '' : ` (${sizesText(found)})`}`,
  isUnknown: (paths: readonly string[]) =>
    count(paths, 'path is not valid, and nobody has it', 'paths are not valid, and nobody has them'),
  otherSettings: (words: readonly string[]) =>
    `the processes of this store are running already, with other settings: ${words.join(' ')}`,
  interrupted: 'cancelling; interrupt again to quit at once',
  notValid: (path: string) => `path \`${path}' is not valid`,
  unknownDeriver: (path: string) => `what made \`${path}' is not known`,
  seeLog: (text: string, log: string) => `${text}; what its processes said is in \`${log}'`,
  noRequest: (request: number) => `there is no request ${request}`,
  noRequestNumber: (word: string) => `\`${word}' is no number of a request: \`cooper ps' shows them`,
  noMachinesFile: 'no other machines do builds: --machines-file names the file that describes them',
  cancelled: (request: number) => `request ${request} is cancelled`,
  nothingRuns: 'no processes run for this store',
  noLog: (path: string, directory: string) => `there is no log of \`${path}' in \`${directory}'`,
  noBzip2: (reason: string) => `the log is compressed by bzip2, which cannot be run: ${reason}`,
  oneQuestion: (names: readonly string[]) => `ask one question: ${names.map((name) => `--${name}`).join(', ')}`,
  outputIsTerminal: 'standard output is a terminal: send the archive to a file or another program',
  serving: (storeDir: string, { host, port }: { host: string; port: number }) =>
    `serving \`${storeDir}' at http://${host.includes(':') ? `[${host}]` : host}:${port}`,
  keyExists: (file: string) => `there is a key already: remove \`${file}' first, if you want another`,
  keyMade: (file: string) => `others can authorize the key in \`${file}' now`,
  tooManyKeys: (file: string) => `there is no room for another key in \`${file}'`,
  oneAction: 'say one of --print-live, --print-dead, --print-roots and --delete',
  noSize: (text: string) => `--max-freed takes a size such as \`10G', not \`${text}'`,
  noAge: (text: string) => `--delete-older-than takes an age such as \`30d', \`2w' or \`3m', not \`${text}'`,
  generationRemoved: (file: string) => `removed the generation \`${file}'`,
  collected: (count: number, size: string) => `${items(count)} deleted, ${size} freed`,
  noLink: (file: string) => `\`${file}' is there already, and is no symbolic link`,
  noChain: (from: string, to: string) => `\`${from}' does not need \`${to}'`,
  sizeHead: '    closure       self  share',
  sizeTotal: (count: number, size: string) => `total: ${size} in ${items(count)}`,
  closureChange: ({ name, before, after, growth }: ClosureChange) =>
    `${name}: ${versions(before)} -> ${versions(after)}, ${growth < 0 ? '-' : '+'}${formatSize(Math.abs(growth))}`,
  finding: (finding: Problem) => `cooper: ${problemText(finding)}`,
  verified: (checked: number, problems: number) =>
    `${items(checked)} checked, ${problems === 0 ? 'all is well' : `${problems} wrong`}`,
  repaired: (count: number) => `${items(count)} repaired`,
  optimised: (count: number, size: string) => `${count === 1 ? '1 file' : `${count} files`} linked, ${size} freed`,
  vacuumed: (before: string, after: string) => `the database is sound; it took ${before}, and takes ${after}`,
  noTargets: 'no target is given: name derivations in the store, or a recipe with --file',
};

/** What it costs to have a substitute. */
export interface Sizes {
  readonly path: string;
  /** 0 when the cache does not say. */
  readonly downloadSize: number;
  readonly narSize: number;
}

function sizesText(all: readonly Sizes[]): string {
  const download = all.reduce((sum, { downloadSize }) => sum + downloadSize, 0);
  const unpacked = formatSize(all.reduce((sum, { narSize }) => sum + narSize, 0));
  return download === 0 ? `${unpacked} unpacked` : `${formatSize(download)} to fetch, ${unpacked} unpacked`;
}

function items(count: number): string {
  return count === 1 ? '1 item' : `${count} items`;
}

/** The versions of items of one name; those without a version have `present`. */
function versions(all: readonly string[]): string {
  return all.length === 0 ? 'none' : all.map((version) => (version === '' ? 'present' : version)).join(', ');
}

function problemText(problem: Problem): string {
  switch (problem.event) {
    case 'missing':
      return problem.removed
        ? `path \`${problem.path}' disappeared, and was removed from the database`
        : `path \`${problem.path}' disappeared, but others refer to it`;
    case 'corrupt':
      return `path \`${problem.path}' was modified: expected hash \`${problem.expected}', got \`${problem.actual}'`;
    case 'unreadable':
      return `path \`${problem.path}' cannot be read: ${problem.message}`;
  }
}

/** Why something does not run, as the end of `…waits`. */
export function waitText(reason: WaitReason): string {
  switch (reason.for) {
    case 'inputs':
      return reason.count === 1 ? 'for an input' : `for ${reason.count} inputs`;
    case 'slot':
      return `for a ${reason.kind} slot`;
    case 'lock':
      return `for another program that has locked \`${storePathName(reason.path)}'`;
    case 'agent':
      return `for a build agent: ${reason.reason}`;
    case 'turn':
      return `for request ${reason.request}, whose turn it is`;
  }
}

function count(paths: readonly string[], one: string, many: string): string {
  const lines = paths.map((path) => `\n  ${path}`).join('');
  return `${paths.length === 1 ? `1 ${one}` : `${paths.length} ${many}`}:${lines}`;
}
