/**
 * The store items that running programs use, as native/busy-items tells: by the socket of the one that the supervisor
 * started with the right to look at all programs; without that, by one of our own, which sees what our user may see.
 */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { fromBytes } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import type { Log } from '@cooper/log';
import type { StorePath } from '@cooper/store-path';
import { itemOf } from './root-links.ts';

const program = fileURLToPath(new URL('../../../../native/busy-items/build/cooper-busy-items', import.meta.url));

/** The longest record, in bytes, that is taken from it. */
const longest = 16_384;

export interface BusyItem {
  /** A file in /proc, such as `/proc/123/exe`: a byte string. */
  readonly name: string;
  readonly path: StorePath;
}

interface Where {
  readonly storeDir: string;
  readonly runDir: string;
  readonly log: Log;
}

/** Each item once, valid or not. Throws the fault `storage-failed` where nobody can tell. */
export async function findBusyItems({ storeDir, runDir, log }: Where): Promise<BusyItem[]> {
  const served = await connected(`${runDir}/busy-items`);
  if (served !== undefined) return await readItems(storeDir, served);
  if (process.getuid?.() === 0)
    log.warning('programs that run as others are not looked at: no supervisor has started busy-items');
  const child = spawn(program, [`--store-dir=${storeDir}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  const items = await readItems(storeDir, child.stdout);
  const problem = await ended;
  if (problem === undefined) return items;
  throw new Fault('storage-failed', `cannot tell what running programs use: ${program}: ${problem}`, {
    program,
    problem,
  });
}

function connected(path: string): Promise<Readable | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

async function readItems(storeDir: string, stream: Readable): Promise<BusyItem[]> {
  const found = new Map<StorePath, string>();
  let rest = '';
  let isWhole = false;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const words = (rest + fromBytes(chunk)).split('\0');
    const whole = words.length - 1 - ((words.length - 1) % 2);
    for (let at = 0; at < whole; at += 2) {
      const path = itemOf(storeDir, words[at + 1] as string);
      isWhole ||= words[at + 1] === '';
      if (path !== undefined && !found.has(path)) found.set(path, words[at] as string);
    }
    rest = words.slice(whole).join('\0');
    if (rest.length > longest)
      throw new Fault('storage-failed', 'busy-items writes what it should not', { length: rest.length });
  }
  if (!isWhole) throw new Fault('storage-failed', 'busy-items has ended before it told all', {});
  return Array.from(found, ([path, name]) => ({ name, path }));
}
