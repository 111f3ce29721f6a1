/**
 * How a process is wired to others: the words on its command line that say which descriptors are which.
 *
 * `--channel NAME=FD`   an inherited socket, connected, on which the contract NAME is spoken
 * `--listen NAME=FD`    an inherited socket that listens; `NAME=/path` and `NAME=HOST:PORT` are bound by the process itself
 * `--lifeline FD`       an inherited stream that ends when whoever started the process is gone
 * `--user UID:GID`      the user to become, once everything is loaded
 */
import { Fault } from '@cooper/fault';
import type { User } from './privileges.ts';

export interface Wiring {
  readonly channels: ReadonlyMap<string, number>;
  readonly listeners: ReadonlyMap<string, number | string>;
  readonly lifeline: number | undefined;
  readonly user: User | undefined;
  /** The words that are not about wiring. */
  readonly rest: readonly string[];
}

/** Reads the wiring from the words of a command line. Throws the fault `invalid-option`. */
export function parseWiring(words: readonly string[]): Wiring {
  const channels = new Map<string, number>();
  const listeners = new Map<string, number | string>();
  const rest: string[] = [];
  let lifeline: number | undefined;
  let user: Wiring['user'];
  for (let index = 0; index < words.length; index++) {
    const whole = words[index] as string;
    const [word = '', ...behind] = whole.split(/=(.*)/s);
    const value = () => behind[0] ?? words[++index] ?? refuse(word, 'nothing');
    if (word === '--channel') addTo(channels, word, value(), descriptor);
    else if (word === '--listen')
      addTo(listeners, word, value(), (text) => (/^\/|:\d+$/.test(text) ? text : descriptor(text)));
    else if (word === '--lifeline') lifeline = descriptor(value());
    else if (word === '--user') user = parseUser(value());
    else rest.push(whole);
  }
  return { channels, listeners, lifeline, user, rest };
}

function addTo<T>(map: Map<string, T>, option: string, text: string, parse: (value: string) => T): void {
  const mark = text.indexOf('=');
  if (mark < 1) refuse(option, text);
  map.set(text.slice(0, mark), parse(text.slice(mark + 1)));
}

function descriptor(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : refuse('a descriptor', text);
}

function parseUser(text: string): User {
  const [, uid, gid] = /^(\d{1,10}):(\d{1,10})$/.exec(text) ?? refuse('--user', text);
  return { uid: Number(uid), gid: Number(gid) };
}

function refuse(option: string, text: string): never {
  throw new Fault('invalid-option', `${option} does not take \`${text}'`, { option, text });
}
