/** Every text for people that the scheduler makes, in the reference's words where clients may match them. */
import type { MachineLimit, Outcome } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';

type FailedBuild = Extract<Outcome, { status: 'failed' }>;
type FailedAgent = Extract<Outcome, { status: 'agent-failed' }>;
type LimitedBuild = Extract<Outcome, { status: 'limited' }>;
type Unsupported = Extract<Outcome, { status: 'unsupported-system' }>;
type NotStarted = Extract<Outcome, { status: 'not-started' }>;

/** Numbers and descriptions of the signals that end builds, as strsignal(3) gives them. */
const signals: ReadonlyMap<string, readonly [number, string]> = new Map([
  ['SIGHUP', [1, 'Hangup']],
  ['SIGINT', [2, 'Interrupt']],
  ['SIGQUIT', [3, 'Quit']],
  ['SIGILL', [4, 'Illegal instruction']],
  ['SIGTRAP', [5, 'Trace/breakpoint trap']],
  ['SIGABRT', [6, 'Aborted']],
  ['SIGBUS', [7, 'Bus error']],
  ['SIGFPE', [8, 'Floating point exception']],
  ['SIGKILL', [9, 'Killed']],
  ['SIGUSR1', [10, 'User defined signal 1']],
  ['SIGSEGV', [11, 'Segmentation fault']],
  ['SIGUSR2', [12, 'User defined signal 2']],
  ['SIGPIPE', [13, 'Broken pipe']],
  ['SIGALRM', [14, 'Alarm clock']],
  ['SIGTERM', [15, 'Terminated']],
  ['SIGXCPU', [24, 'CPU time limit exceeded']],
  ['SIGXFSZ', [25, 'File size limit exceeded']],
  ['SIGSYS', [31, 'Bad system call']],
]);

export const messages = {
  missingDerivation: (path: StorePath) => `cannot build missing derivation ‘${path}’`,
  missingInput: (path: StorePath, input: StorePath) =>
    `cannot build derivation \`${path}': its input \`${input}' is no longer valid`,
  dependenciesFailed: (path: StorePath, count: number) =>
    `cannot build derivation \`${path}': ${count} dependencies couldn't be built`,
  noSubstitute: (path: StorePath) => `path \`${path}' is not valid and there is no substitute for it`,
  agentFailed: (path: StorePath, end: FailedAgent) => `builder for \`${path}' failed ${endOf(end)}`,
  substitutesFailed: (path: StorePath) =>
    `some substitutes for the outputs of derivation \`${path}' failed (usually happens due to networking issues); try \`--fallback' to build derivation from source `,
  substituteMismatch: (path: StorePath) => `hash mismatch for substituted item \`${path}'`,
  fetchFailed: (path: StorePath, { code, message }: { code: string; message: string }) =>
    `fetching path \`${path}' (status: '${code}')${message === '' ? '' : `: ${message}`}`,
  fetchTimedOut: (path: StorePath, seconds: number, silence: boolean) =>
    `substitution of \`${path}' timed out after ${seconds} seconds${silence ? ' of silence' : ''}`,
  incompleteClosure: (path: StorePath) => `some references of path \`${path}' could not be realised`,
  foreignReference: (path: StorePath) => `the substitute for \`${path}' refers to something outside the store`,
  cycle: (path: StorePath) => `the substitute for \`${path}' refers to itself by way of others`,
  /** Clients know the lines of the substituter by their beginning. */
  ofSubstituter: (text: string) => `substitute: ${text}`,
  notAsked: (reason: string) => `cannot ask for substitutes: ${reason}`,
  notEnsured: (path: StorePath) => `path \`${path}' does not exist and cannot be created`,
  builderFailed: (path: StorePath, end: FailedBuild) => `builder for \`${path}' failed ${endOf(end)}`,
  failedBefore: (output: StorePath) => `builder for \`${output}' failed previously (cached)`,
  limitReached: (
    path: StorePath,
    end: LimitedBuild,
    limits: { timeout: number; maxSilentTime: number; maxLogSize: number },
  ) => {
    switch (end.limit) {
      case 'timeout':
        return `building of \`${path}' timed out after ${limits.timeout} seconds`;
      case 'max-silent-time':
        return `building of \`${path}' timed out after ${limits.maxSilentTime} seconds of silence`;
      case 'max-log-size':
        return `building of \`${path}' killed after writing more than ${limits.maxLogSize} bytes of log output`;
    }
  },
  notStarted: (end: NotStarted) => `while setting up the build environment: ${end.message}`,
  builderNotStarted: (path: StorePath) => `builder for \`${path}' failed with exit code 1`,
  unsupportedSystem: (path: StorePath, { system, machine }: Unsupported) =>
    `while setting up the build environment: a \`${system}' is required to build \`${path}', but I am a \`${machine}'`,
  diskFull: (fileSystem: string) =>
    `note: build failure may have been caused by lack of free disk space in \`${fileSystem}'`,
  outOfMemory: 'note: build failure may have been caused by lack of memory: the kernel has killed processes meanwhile',
  metLimit: (limit: MachineLimit) =>
    `note: build failure may have been caused by the limit \`--${limit}' of the machine`,
  keptDirectory: (directory: string) => `note: keeping build directory \`${directory}'`,
  agentLost: (path: StorePath, agent: string, reason: string) =>
    `the build agent \`${agent}' was lost while building \`${path}': ${reason}`,
  allDeclined: (path: StorePath, reason: string) => `no build agent takes \`${path}': ${reason}`,
  noSlots: "unable to start any build; either increase `--max-jobs' or enable distributed builds",
  rewriting: (path: StorePath) => `rewriting hashes in \`${path}'; cross fingers`,
  corrupt: (path: StorePath) => `path \`${path}' is corrupted or missing!`,
  brokenInClosure: (path: StorePath, broken: StorePath) =>
    `found corrupted or missing path \`${broken}' in the output closure of \`${path}'`,
  closureNotRepaired: (path: StorePath) =>
    `some paths in the output closure of derivation ‘${path}’ could not be repaired`,
  notRepaired: (path: StorePath) => `cannot repair path \`${path}'`,
  checkMissing: (path: StorePath) => `\`${path}' is missing outputs; build it normally before using \`--check'`,
  requestCancelled: 'the request was cancelled',
  requestFailed: (paths: readonly string[]) => `build of ${paths.map((path) => `\`${path}'`).join(', ')} failed`,
};

/** The status of an ended process as wait(2) gives it. */
export function waitStatus({ exitCode, signal }: FailedAgent): number {
  return signal === null ? (exitCode ?? 1) << 8 : (signals.get(signal)?.[0] ?? 0);
}

function endOf(end: FailedBuild | FailedAgent): string {
  if (end.signal === null) return `with exit code ${end.exitCode ?? 1}`;
  const [number, description] = signals.get(end.signal) ?? [0, end.signal];
  return `due to signal ${number} (${description})`;
}
