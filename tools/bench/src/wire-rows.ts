/** What the wire costs: calls and items between two processes over a pair of sockets, as between any two of the table. */
import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Client, connect } from '@cooper/ipc';
import { type Bench, clock } from './bench.ts';
import { figures, type Measured } from './row.ts';
import { wireContract } from './wire-contract.ts';

const peer = fileURLToPath(new URL('./wire-peer.ts', import.meta.url));
const runs = 5;
const mebibyte = 1024 * 1024;

/** Calls one after the other; calls that wait for nothing; items with credit; large pieces. */
const names = [
  'a call and its answer, two processes',
  'calls and answers a second, 1,000 under way',
  'items of 1 KiB a second',
  'bytes in items of 64 KiB',
] as const;

type Wire = Client<typeof wireContract>;

export async function wireRows(bench: Bench): Promise<void> {
  if (!names.some((name) => bench.wants(name))) return;
  const child = spawn(process.execPath, [peer], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  // Pipes past standard error are pairs of sockets.
  const wire = await connect(wireContract, child.stdio[3] as Duplex, { client: 'bench' });
  const [roundTrip, calls, items, bytes] = names;
  await bench.row({ name: roundTrip, unit: 'µs', measure: () => repeat(() => timeOfCalls(wire, 2000, 1)) });
  await bench.row({
    name: calls,
    unit: 'per second',
    measure: () => repeat(async () => 1e6 / (await timeOfCalls(wire, 20_000, 1000))),
  });
  await bench.row({
    name: items,
    unit: 'per second',
    measure: () => repeat(async () => 20_000 / (await secondsOfItems(wire, 20_000, 1024))),
  });
  await bench.row({
    name: bytes,
    unit: 'MiB per second',
    measure: () => repeat(async () => (4000 * 65_536) / mebibyte / (await secondsOfItems(wire, 4000, 65_536))),
  });
  wire.close();
  await wire.closed;
}

/** One run that does not count, then the others. */
async function repeat(once: () => Promise<number>): Promise<Measured> {
  const values: number[] = [];
  for (let run = 0; run <= runs; run++) values.push(await once());
  return { cooper: figures(values.slice(1)) };
}

/** What each of `count` small calls takes in µs, with `lanes` of them under way at any time. */
async function timeOfCalls(wire: Wire, count: number, lanes: number): Promise<number> {
  const data = Buffer.from('/gnu/store/hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hello-2.12');
  const lane = async () => {
    for (let call = 0; call < count / lanes; call++) await wire.call('echo', { data });
  };
  const took = await clock(() => Promise.all(Array.from({ length: lanes }, lane)));
  return (1000 * took) / count;
}

async function secondsOfItems(wire: Wire, count: number, size: number): Promise<number> {
  let got = 0;
  const onItem = ({ data }: { readonly data: Uint8Array }) => {
    got += data.length;
  };
  const took = await clock(() => wire.call('stream', { count, size }, { onItem }));
  if (got !== count * size) throw new Error(`${got} bytes came`);
  return took / 1000;
}
