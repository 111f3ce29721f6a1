/** `cooper serve`: a server of substitutes beside the processes of the store, for as long as this one runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { commandLine, directoryOptions, type OptionName, publishCommand } from '@cooper/config';
import { Fault } from '@cooper/fault';
import { descriptorOf, type User } from '@cooper/process';
import { type Address, parseAddress } from '../../core/address.ts';
import { messages } from '../../core/messages.ts';
import { commandAs, dial, ended, ready, unprivilegedUser } from '../companion.ts';
import { say } from '../output.ts';
import { withTable } from '../session.ts';
import type { Invocation } from '../setting-options.ts';

export interface ServeOptions {
  readonly listen: string;
  readonly compression?: readonly string[];
  readonly cache?: string;
  readonly cacheSize?: string;
  readonly ttl?: string;
  readonly negativeTtl?: string;
  readonly priority?: string;
}

/** Serves until it is interrupted, or the store is gone; gives the exit status. */
export function serve(options: ServeOptions, invocation: Invocation): Promise<number> {
  return withTable(invocation, async (table) => {
    // Once it answers, its socket is there to be connected to.
    await (await table.store()).call('queryValidPaths', { paths: [] });
    const { directories } = invocation.settings;
    const listening = await listen(parseAddress(options.listen));
    const channel = await dial(`${directories.run}/store`);
    const child = start({ options, invocation, channel, listening });
    const { address: host, port } = listening.address() as AddressInfo;
    channel.destroy();
    listening.close();
    const end = ended(child);
    // It answers when it is up. When it cannot come up, it has said why.
    if (await Promise.race([end.then(() => false), isUp({ host, port })])) {
      say(messages.info(messages.serving(directories.store, { host, port })));
    }
    return end;
  });
}

interface Start {
  readonly options: ServeOptions;
  readonly invocation: Invocation;
  readonly channel: Socket;
  readonly listening: Server;
}

/** The server becomes a user without rights, where we have any. */
function start({ options, invocation, channel, listening }: Start): ChildProcess {
  const user = unprivilegedUser();
  if (options.cache !== undefined) makeCache(options.cache, user);
  const words = [
    ...ownWords(options),
    ...commandLine(invocation.settings, Object.keys(directoryOptions) as OptionName[]),
    ...['--lifeline=3', '--channel=store=4', '--listen=http=5'],
  ];
  const [program = '', ...rest] = commandAs(user, [...publishCommand, ...words]);
  const passed = [channel, listening].map(descriptorOf);
  return spawn(program, rest, { cwd: '/', stdio: ['ignore', 'ignore', 'inherit', 'pipe', ...passed] });
}

function ownWords({ compression = [], cache, cacheSize, ttl, negativeTtl, priority }: ServeOptions): readonly string[] {
  const single = {
    cache: cache === undefined ? undefined : resolve(cache),
    'cache-size': cacheSize,
    ttl,
    'negative-ttl': negativeTtl,
    priority,
  };
  const given = Object.entries(single).filter(([, value]) => value !== undefined);
  return [
    ...compression.map((choice) => `--compression=${choice}`),
    ...given.map(([name, value]) => `--${name}=${value}`),
  ];
}

function makeCache(directory: string, user: User | undefined): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    if (user !== undefined) chownSync(directory, user.uid, user.gid);
  } catch (error) {
    throw new Fault('file-system-error', (error as Error).message, { path: directory }, { cause: error });
  }
}

/** The child accepts its connections; one that comes before is turned away, rather than left behind. */
async function listen(address: Address): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(address);
  await ready(server, 'listening', 'cannot-listen', `${address.host}:${address.port}`);
  return server;
}

/** Resolves when a request is answered, or cannot be: then the server has ended, which says why. */
function isUp({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port, path: '/nix-cache-info', agent: false });
    request.on('error', () => resolve(false));
    request.on('response', (response) => {
      resolve(true);
      response.destroy();
    });
  });
}
