/** `cooper call`: any call of any contract, with JSON for parameters and answer. */
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { receiveBytes, sendBytes } from '@cooper/bulk';
import { type Contract, contracts, machinesContract, type Ticket } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { type Client, connect } from '@cooper/ipc';
import type { Table } from '@cooper/table';
import { jsonLine } from '../../core/json-line.ts';
import { fromJson } from '../../core/json-params.ts';
import { print, printBytes } from '../output.ts';
import { withTable } from '../session.ts';
import type { Invocation } from '../setting-options.ts';

export interface CallWish {
  readonly contract: string;
  readonly method: string;
  /** JSON; `{}` unless given. */
  readonly params: string | undefined;
  /** A program that serves the contract on its standard input and output; empty: the processes of the store. */
  readonly command: readonly string[];
  /** What the bytes for a ticket are read from, and those from a ticket written to; `-` for standard input or output. */
  readonly send: string | undefined;
  readonly receive: string | undefined;
}

type AnyClient = { call(name: string, params: unknown, options: object): Promise<unknown> };

/** What the processes of the store answer to clients; what the others serve is for each other alone. */
const served: Readonly<Record<string, (table: Table) => Promise<unknown>>> = {
  store: (table) => table.store(),
  scheduler: (table) => table.scheduler(),
  machines: (table) => table.machines(),
};

export async function call(wish: CallWish, invocation: Invocation): Promise<number> {
  const contract = contracts.find(({ name }) => name === wish.contract);
  if (contract === undefined) {
    throw misuse(`\`${wish.contract}' is not one of: ${contracts.map(({ name }) => name).join(', ')}`);
  }
  const method = Object.hasOwn(contract.methods, wish.method) ? contract.methods[wish.method] : undefined;
  const known = Object.keys(contract.methods).join(', ');
  if (method === undefined) throw misuse(`the contract ${contract.name} has no call \`${wish.method}', but ${known}`);
  const params = fromJson(method.params, parse(wish.params ?? '{}'));
  await withClient(contract, wish, invocation, async (client) => {
    print(jsonLine(await client.call(wish.method, params, { onItem: (item: unknown) => takeItem(wish, item) })));
  });
  return 0;
}

/** Tickets are made use of, as the options say; all else is printed. */
async function takeItem({ send, receive }: CallWish, item: unknown): Promise<void> {
  if (!isTicket(item) || (send === undefined && receive === undefined)) return print(jsonLine(item));
  if (send !== undefined) return sendBytes(item, send === '-' ? process.stdin : createReadStream(send));
  await receiveBytes(item, (bytes) =>
    receive === '-' ? printBytes(bytes) : pipeline(bytes, createWriteStream(receive ?? '')),
  );
}

function isTicket(item: unknown): item is Ticket {
  return typeof item === 'object' && item !== null && 'ticket' in item && 'socket' in item;
}

async function withClient(
  contract: Contract,
  { command }: CallWish,
  invocation: Invocation,
  work: (client: AnyClient) => Promise<void>,
): Promise<void> {
  if (command.length > 0) return withCommand(contract, command, work);
  const isServed = contract !== machinesContract || invocation.settings['machines-file'] !== undefined;
  if (!isServed || !(contract.name in served)) {
    throw misuse(`say which program serves the contract ${contract.name}: -- COMMAND…`);
  }
  await withTable(invocation, async (table) => {
    await work((await served[contract.name]?.(table)) as unknown as AnyClient);
  });
}

/** Starts the program for the length of the call. */
async function withCommand(
  contract: Contract,
  [program = '', ...words]: readonly string[],
  work: (client: AnyClient) => Promise<void>,
): Promise<void> {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', ({ message }) => reject(misuse(`cannot start ${program}: ${message}`)));
  });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  stream.on('error', () => stream.destroy());
  const client: Client<Contract> = await Promise.race([connect(contract, stream, { client: 'cooper call' }), failed]);
  try {
    await work(client as unknown as AnyClient);
  } finally {
    client.close();
    child.stdin.end();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw misuse(`the parameters are no JSON: ${(cause as Error).message}`);
  }
}

function misuse(message: string): Fault {
  return new Fault('invalid-option', message);
}
