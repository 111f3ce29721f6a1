/** The texts for people that the command line makes, in one place. */
import type { SchedulerEvent, WaitReason } from '@cooper/contracts';
import { storePathName } from '@cooper/store-path';
import { formatDuration } from './duration.ts';

type Failed = Extract<SchedulerEvent, { event: 'build-failed' }>;

export const messages = {
  error: (text: string) => `cooper: error: ${text}`,
  warning: (text: string) => `cooper: warning: ${text}`,
  info: (text: string) => `cooper: ${text}`,
  started: (path: string) => `building \`${path}'...`,
  succeeded: (path: string, milliseconds: number) => `built \`${path}' in ${formatDuration(milliseconds)}`,
  logLine: (name: string, line: string) => `${name}> ${line}`,
  logTail: (count: number) => `  the last ${count} lines of its log:`,
  logTailLine: (line: string) => `  > ${line}`,
  wholeLog: (path: string) => `  the whole log: cooper log ${path}`,
  keptDirectory: (directory: string) => `  its directory is kept in \`${directory}'`,
  failed: ({ message }: Failed) => message,
  waiting: (path: string, reason: WaitReason) => `\`${path}' waits ${waitText(reason)}`,
  allValid: (count: number, storeDir: string) =>
    `nothing to build: ${count === 1 ? 'the output is' : `all ${count} outputs are`} in \`${storeDir}' already`,
  wouldBuild: (paths: readonly string[]) => count(paths, 'derivation would be built', 'derivations would be built'),
  isValid: (paths: readonly string[]) => count(paths, 'path is valid already', 'paths are valid already'),
  isUnknown: (paths: readonly string[]) => count(paths, 'path is not known', 'paths are not known'),
  interrupted: 'cancelling; interrupt again to quit at once',
  noTargets: 'no target is given: name derivations in the store, or a recipe with --file',
};

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
  }
}

function count(paths: readonly string[], one: string, many: string): string {
  const lines = paths.map((path) => `\n  ${path}`).join('');
  return `${paths.length === 1 ? `1 ${one}` : `${paths.length} ${many}`}:${lines}`;
}
