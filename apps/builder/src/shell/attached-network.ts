/**
 * Attaches the network namespace of a build to the outside, by slirp4netns: a TCP/IP stack in a process of its own, which
 * speaks to the world as any program does. The build sees neither the machine's loopback device nor its abstract sockets.
 * The helper gives up its capabilities and its view of the file system by itself where it is root's, and dies with us.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Readable } from 'node:stream';
import { Fault } from '@cooper/fault';
import { childrenOf } from './processes.ts';

const name = 'slirp4netns';

/** Where systems keep it, whatever the daemon was started with. */
const usual = ['/usr/bin', '/usr/local/bin', '/run/current-system/profile/bin'];

/** How long, in ms, it may take to be ready. */
const patience = 30_000;

const device = '/dev/net/tun';

/** The helper's path; nothing where it or the device that it needs is missing. */
export function findNetworkHelper(path = ''): string | undefined {
  if (!can(device, constants.R_OK | constants.W_OK)) return undefined;
  const directories = [...path.split(':').filter((directory) => directory.startsWith('/')), ...usual];
  return directories.map((directory) => `${directory}/${name}`).find((file) => can(file, constants.X_OK));
}

function can(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    // Whatever the reason, there are other places, or none.
    return false;
  }
}

/** A network that is attached, until it is detached. */
export class NetworkAttachment {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#ended = new Promise((resolve) => {
      process.once('close', resolve);
      process.once('error', () => resolve());
    });
    // What the helper lets go of shows in how it ends.
    for (const stream of process.stdio) stream?.on('error', () => stream.destroy());
  }

  /**
   * Attaches the network of the builder below the launcher `pid`, which waits for that. Throws the fault
   * `network-helper-failed`.
   */
  static async attach(helper: string, launcher: number): Promise<NetworkAttachment> {
    const [guard] = childrenOf(launcher);
    const [builder] = guard === undefined ? [] : childrenOf(guard.pid);
    if (builder === undefined) throw failure('the process that waits for it is not to be found');
    const process = start(helper, builder.pid);
    const attachment = new NetworkAttachment(process);
    const ready = await isReady(process);
    if (ready === true) return attachment;
    await attachment.detach();
    throw failure(ready);
  }

  /** Resolves when nothing of the helper runs. */
  async detach(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }
}

/** Its descriptor 3 tells when the network is there; 4 is a pipe whose end is ours: it ends when that is closed. */
function start(helper: string, pid: number): ChildProcess {
  const words = ['--configure', '--mtu=65520', '--disable-host-loopback', '--enable-seccomp'];
  // Its own sandbox wants to be root's, in the namespace too.
  const own = process.getuid?.() === 0 ? ['--enable-sandbox'] : [`--userns-path=/proc/${pid}/ns/user`];
  return spawn(helper, [...words, ...own, '--ready-fd=3', '--exit-fd=4', String(pid), 'tap0'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    env: {},
    cwd: '/',
  });
}

/** True, or what is wrong. */
function isReady(process: ChildProcess): Promise<true | string> {
  const said: Buffer[] = [];
  process.stderr?.on('data', (data: Buffer) => said.push(data));
  const timer = setTimeout(() => process.kill('SIGKILL'), patience);
  return new Promise<true | string>((resolve) => {
    (process.stdio[3] as Readable).once('data', () => resolve(true));
    process.once('error', (error) => resolve(error.message));
    process.once('close', () => resolve(Buffer.concat(said).toString().trim().slice(-500)));
  }).finally(() => clearTimeout(timer));
}

function failure(problem: string): Fault {
  return new Fault('network-helper-failed', `${name} could not attach the network of a build: ${problem}`);
}
