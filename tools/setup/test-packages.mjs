/**
 * Installs the Debian packages that only tests need, where that is possible: as root, with apt-get. Elsewhere it says
 * which tests will be skipped; a missing package never fails the set-up.
 */
import { isInstalled, run, SetupProblem, say } from './step.mjs';

/** @type {readonly {program: string, debian: string, tests: string}[]} `tests` is what is skipped without the program. */
export const testPackages = [
  { program: 'nix-store', debian: 'nix-bin', tests: 'comparisons with Nix (test/differential)' },
  { program: 'strace', debian: 'strace', tests: 'what system calls a build makes' },
  { program: 'slirp4netns', debian: 'slirp4netns', tests: 'builds with a network of their own' },
  { program: 'git', debian: 'git', tests: 'downloads by Git' },
  { program: 'openssl', debian: 'openssl', tests: 'downloads over HTTPS' },
  { program: 'python3', debian: 'python3', tests: 'agents in Python (examples/python-agents)' },
  { program: 'ip', debian: 'iproute2', tests: 'other machines with networks of their own (test/functional/offload)' },
  { program: '/usr/sbin/sshd', debian: 'openssh-server', tests: 'builds on other machines (test/functional/offload)' },
];

const fiveMinutes = 5 * 60_000;
const aptEnvironment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };

export function installTestPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  if (process.getuid?.() === 0 && isInstalled('apt-get')) install(missing.map(({ debian }) => debian));
  for (const { program, debian, tests } of missingPackages()) {
    say(`WARNING: no \`${program}' (Debian: ${debian}); skipped: ${tests}`);
  }
}

export function missingPackages() {
  return testPackages.filter(({ program }) => !isInstalled(program));
}

/** @param {readonly string[]} names */
function install(names) {
  const args = ['install', '--yes', '--quiet', '--no-install-recommends', ...names];
  say(`installing ${names.join(', ')} for tests`);
  if (attempt(args)) return;
  // Package lists are missing on a new machine, or name versions that are gone.
  if (attempt(['update', '--quiet'])) attempt(args);
}

/** @param {readonly string[]} args */
function attempt(args) {
  try {
    run('apt-get', args, { env: aptEnvironment, timeout: fiveMinutes });
    return true;
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    say(error.message);
    return false;
  }
}
