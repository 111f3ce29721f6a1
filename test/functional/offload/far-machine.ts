/**
 * Other machines for tests: real sshd processes, each with a Cooper of its own behind it. All of them have the same store
 * directory, as real machines do: what runs behind an sshd sees its own directory there, in a mount namespace.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { Host } from './hosts.ts';

const cooper = fileURLToPath(new URL('../../../apps/cli/bin/cooper', import.meta.url));
const sshd = '/usr/sbin/sshd';
const hostPaths = ['/bin', '/usr', '/lib', '/lib64'].filter((path) => existsSync(path));

/** Why these tests cannot run here; false if they can. */
export const skip = !existsSync(sshd)
  ? 'SKIPPED: no sshd is installed'
  : process.getuid?.() !== 0
    ? 'SKIPPED: sshd and mount namespaces want root'
    : false;

export interface FarOptions {
  readonly name: string;
  /** The directory that all machines have in the same place: `store` and `state` are below it. */
  readonly world: string;
  /** Where things of this machine are in truth. */
  readonly directory: string;
  /** What stands in the place of `cooper remote`: a shell command; `$COOPER` is the real one. */
  readonly command?: string;
  /** Settings of its Cooper. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Where it listens, unless on the loopback device. */
  readonly host?: Host;
}

export interface FarMachine {
  readonly name: string;
  readonly port: number;
  readonly directory: string;
  /** What the file of machines has to say of it. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** How many connections its sshd has accepted. */
  connections(): number;
  stop(): Promise<void>;
}

/** Starts a machine. Whose keys are believed is for the caller to say. */
export async function startFarMachine(t: Test, options: FarOptions): Promise<FarMachine> {
  const { name, directory } = options;
  mkdirSync(`${directory}/world/state/etc`, { recursive: true });
  const settings = { 'sandbox-path': hostPaths, ...options.settings };
  writeFileSync(`${directory}/world/state/etc/cooper.json`, JSON.stringify(settings));
  mkdirSync('/run/sshd', { recursive: true });
  for (const key of ['host-key', 'id']) makeKey(`${directory}/${key}`);
  const { address, enter } = options.host ?? { address: '127.0.0.1', enter: [] };
  const port = options.host === undefined ? await freePort() : 22;
  writeFileSync(`${directory}/enter`, enterScript(options));
  chmodSync(`${directory}/enter`, 0o755);
  const restrictions = `restrict,command="${directory}/enter"`;
  writeFileSync(`${directory}/authorized`, `${restrictions} ${readFileSync(`${directory}/id.pub`, 'utf8')}`);
  writeFileSync(`${directory}/sshd_config`, configuration(directory, { address, port }));
  const [program = '', ...words] = [...enter, sshd, '-D', '-e', '-f', `${directory}/sshd_config`];
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = await listening(child);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  t.teardown(stop);
  return {
    name,
    port,
    directory,
    entry: {
      name,
      host: address,
      port,
      user: 'root',
      key: `${directory}/id`,
      // Whatever else goes on where the tests run.
      overloadThreshold: 1000,
      hostKey: readFileSync(`${directory}/host-key.pub`, 'utf8').trim(),
    },
    connections: () => said().match(/^Accepted publickey/gm)?.length ?? 0,
    stop,
  };
}

function makeKey(file: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
}

/** What a connection gets instead of a shell. */
function enterScript({ world, directory, command = 'exec $COOPER' }: FarOptions): string {
  const words = [`--store-dir=${world}/store`, `--state-dir=${world}/state`];
  return `#!/bin/sh
export COOPER="${cooper} remote ${words.join(' ')}"
exec unshare --mount --propagation=private -- /bin/sh -c '
mount --bind ${directory}/world ${world} && cd ${world} && ${command}'
`;
}

function configuration(directory: string, at: { readonly address: string; readonly port: number }): string {
  return `Port ${at.port}
ListenAddress ${at.address}
HostKey ${directory}/host-key
AuthorizedKeysFile ${directory}/authorized
StrictModes no
UsePAM no
PidFile none
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
`;
}

/** Resolves when it listens, with a way to what it has said so far. */
async function listening(child: ChildProcess): Promise<() => string> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`sshd has ended: ${said}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Server listening')) resolve();
    });
  });
  return () => said;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
