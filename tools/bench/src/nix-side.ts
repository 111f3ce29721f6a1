/** Debian's nix-daemon, with a store of its own, asked by its own client. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { Added, Side, SideOptions } from './side.ts';
import type { Workload } from './workload.ts';

const group = 'cooperbench';
const users = 4;

interface Daemon extends PromiseLike<unknown> {
  kill(): unknown;
}

/** Starts it. Throws when nix is not installed. */
export async function startNix(options: SideOptions): Promise<Side> {
  const { root, sandbox, maxJobs } = options;
  const environment = nixEnvironment(root);
  if (sandbox) await makeUsers();
  mkdirSync(environment.NIX_CONF_DIR, { recursive: true });
  writeFileSync(`${environment.NIX_CONF_DIR}/nix.conf`, configuration(sandbox, maxJobs));
  await execa('nix-store', ['--init'], { env: { ...environment, NIX_REMOTE: 'local' } });
  const daemon = execa('nix-daemon', [], {
    env: { ...environment, NIX_REMOTE: 'local' },
    reject: false,
    stderr: 'ignore',
  });
  const side = new NixSide(root, environment, daemon);
  await side.ready();
  return side;
}

/** The environment in which Nix's programs talk to the daemon with this root. */
export function nixEnvironment(root: string) {
  return {
    NIX_STORE_DIR: `${root}/store`,
    NIX_STATE_DIR: `${root}/var`,
    NIX_LOG_DIR: `${root}/log`,
    NIX_CONF_DIR: `${root}/etc`,
    NIX_REMOTE: 'daemon',
    HOME: root,
  };
}

function configuration(sandbox: boolean, maxJobs: number): string {
  const lines = [
    `sandbox = ${sandbox}`,
    `build-users-group = ${sandbox ? group : ''}`,
    'sandbox-paths = /bin /lib /lib64 /usr',
    'substituters =',
    `max-jobs = ${maxJobs}`,
    'trusted-users = root',
  ];
  return `${lines.join('\n')}\n`;
}

/** Accounts to build as: nix has no builds in a sandbox as root without them. */
async function makeUsers(): Promise<void> {
  const known = await execa('getent', ['group', group], { reject: false });
  if (known.exitCode === 0) return;
  await execa('groupadd', ['--system', group]);
  for (let number = 1; number <= users; number++) {
    await execa('useradd', [
      '--system',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      '--groups',
      group,
      `${group}${number}`,
    ]);
  }
}

class NixSide implements Side {
  readonly name = 'nix';
  readonly #root: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #daemon: Daemon;
  #expressions = 0;

  constructor(root: string, environment: Readonly<Record<string, string>>, daemon: Daemon) {
    this.#root = root;
    this.#environment = environment;
    this.#daemon = daemon;
  }

  /** Waits until the daemon answers. */
  async ready(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const ping = ['--extra-experimental-features', 'nix-command', 'store', 'ping'];
      const { exitCode } = await this.#run('nix', ping, false);
      if (exitCode === 0) return;
      await delay(50);
    }
    throw new Error('nix-daemon did not start');
  }

  async add(workload: Workload): Promise<Added> {
    const file = `${this.#root}/expression-${++this.#expressions}.nix`;
    writeFileSync(file, expressionOf(workload));
    const { stdout } = await this.#run('nix-instantiate', [file]);
    const derivations = stdout.split('\n').map((line) => line.replace(/!.*$/, ''));
    return { derivations, targets: derivations };
  }

  async build({ targets }: Added): Promise<void> {
    await this.#run('nix-store', ['--realise', '--quiet', ...targets]);
  }

  async plan({ targets }: Added): Promise<void> {
    const { exitCode } = await this.#run(
      'nix-store',
      ['--realise', '--quiet', '--keep-going', '--max-jobs', '0', ...targets],
      false,
    );
    if (exitCode === 0) throw new Error('nix: something was built without a job');
  }

  async dryRun({ targets }: Added): Promise<void> {
    await this.#run('nix-store', ['--realise', '--dry-run', ...targets]);
  }

  async collect(): Promise<void> {
    await this.#run('nix-store', ['--gc', '--quiet']);
  }

  async addTree(path: string): Promise<void> {
    await this.#run('nix-store', ['--add', path]);
  }

  async verify(): Promise<void> {
    await this.#run('nix-store', ['--verify', '--check-contents']);
  }

  async optimise(): Promise<void> {
    await this.#run('nix-store', ['--optimise']);
  }

  async stop(): Promise<void> {
    this.#daemon.kill();
    await this.#daemon;
  }

  #run(program: string, args: readonly string[], reject = true) {
    return execa(program, args, { env: this.#environment, reject, maxBuffer: 1 << 30 });
  }
}

/**
 * A list of the targets; what they need is reached from them. An empty part of the names of the inputs needs them as
 * much as the names would: of 3,000 these are more than Linux lets one environment variable have (128 KiB).
 */
export function expressionOf({ nodes, targets }: Workload): string {
  const bindings = nodes.map(({ name, command, inputs }, index) => {
    const needed = inputs.map((input) => `n${input}`).join(' ');
    return `  n${index} = derivation { name = "${name}"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "${command.replace('$', '\\$')}" ]; needed = builtins.substring 0 0 (toString [ ${needed} ]); };`;
  });
  return `let\n${bindings.join('\n')}\nin [ ${targets.map((index) => `n${index}`).join(' ')} ]\n`;
}
