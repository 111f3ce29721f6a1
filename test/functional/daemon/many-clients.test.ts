/** Many clients at once over graphs that overlap; some are killed: the others get what they asked for, built once. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ByteString } from '@cooper/byte-string';
import { derivation } from '@cooper/recipe';
import type { WorkerClient } from '@cooper/worker-client';
import t from 'tap';
import { addGraph, build, graphOf, outputOf, shell } from './graphs.ts';
import { RunningDaemon } from './running-daemon.ts';

// Many processes start here, on machines that may be busy.
t.setTimeout(280_000);

const clients = 50;
const killed = 10;

t.test('S40: fifty clients, of which some are killed', async (t) => {
  const daemon = new RunningDaemon(t, ['--max-jobs=2']);
  const ledger = `${daemon.root}/ledger`;
  writeFileSync(ledger, '');
  // Builders may be other users.
  chmodSync(ledger, 0o666);
  const step = (name: string, env = {}) =>
    shell(name, `echo ${name} >> ${ledger}; sleep 0.05; echo ${name} > $out`, env);
  const shared = Array.from({ length: 10 }, (_, index) => step(`shared-${index}`));
  const tops = Array.from({ length: clients }, (_, index) => {
    const inputs = Object.fromEntries([0, 3, 7].map((more) => [`in${more}`, shared[(index + more) % shared.length]]));
    // Every fifth wants the same as another.
    return step(`top-${index - (index % 5 === 4 ? 1 : 0)}`, inputs);
  });
  const graph = graphOf(daemon.storeDir, tops);
  const connected: WorkerClient[] = [];
  for (let index = 0; index < clients; index++) connected.push(await daemon.connect());
  const [first] = connected as [WorkerClient];
  const targets = await addGraph(first, graph, tops);

  const outcomes = connected.map((client, index) => build(client, [targets[index] as ByteString]));
  const victims = new Set<number>();
  for (let round = 0; round < killed; round++) {
    const victim = (round * 7 + 4) % clients;
    victims.add(victim);
    connected[victim]?.close();
    await delay(100);
  }
  for (const [index, outcome] of outcomes.entries()) {
    const { error } = await outcome;
    if (victims.has(index)) continue;
    t.equal(error, undefined, `client ${index}`);
    const output = outputOf(graph, targets[index] as string);
    t.equal(readFileSync(output, 'utf8'), `top-${index - (index % 5 === 4 ? 1 : 0)}\n`);
  }
  const built = readFileSync(ledger, 'utf8').trim().split('\n').sort();
  const twice = built.filter((name, index) => name === built[index - 1]);
  // What only a killed client wanted may have been cancelled, and begun again for one that came to want it.
  t.same(
    twice.filter((name) => name.startsWith('shared')),
    [],
    'nothing that all want was built twice',
  );
  const again = await daemon.connect();
  t.equal((await build(again, targets)).error, undefined, 'and the rest can still be built');
  t.equal(await daemon.stop(), 0);
});

t.test('S40: three clients, the same inputs of several outputs, in other orders', async (t) => {
  const daemon = new RunningDaemon(t, ['--max-jobs=2']);
  const made = 'for path in $out $lib $dev; do echo > $path; done';
  const inputs = Array.from({ length: 15 }, (_, index) =>
    derivation({
      name: `input-${index}`,
      builder: '/bin/sh',
      args: ['-c', made],
      env: { PATH: '/bin:/usr/bin' },
      outputs: index % 2 === 0 ? ['out', 'lib', 'dev'] : ['dev', 'out', 'lib'],
    }),
  );
  const top = shell('top', 'echo > $out', Object.fromEntries(inputs.map((input, index) => [`in${index}`, input])));
  const graph = graphOf(daemon.storeDir, [...inputs, top]);
  const connected = [await daemon.connect(), await daemon.connect(), await daemon.connect()];
  const [first] = connected as [WorkerClient];
  const targets = await addGraph(first, graph, [...inputs, top]);
  const orders = [targets, targets.toReversed(), [...targets.slice(7), ...targets.slice(0, 7)]];
  const outcomes = await Promise.all(connected.map((client, index) => build(client, orders[index] ?? [])));
  t.same(
    outcomes.map(({ error }) => error),
    [undefined, undefined, undefined],
  );
  for (const client of connected) client.close();
  t.equal(await daemon.stop(), 0);
});

t.test('what a client that goes away wanted is cancelled', async (t) => {
  const daemon = new RunningDaemon(t, ['--max-jobs=2']);
  const [one, two] = [await daemon.connect(), await daemon.connect()];
  const slow = shell('slow', 'sleep 300; echo > $out');
  const quick = shell('quick', 'sleep 1; echo quick > $out');
  const graph = graphOf(daemon.storeDir, [slow, quick]);
  const [slowTarget = '', quickTarget = ''] = await addGraph(one, graph, [slow, quick]);
  const given = Promise.allSettled([build(one, [slowTarget])]);
  const kept = build(two, [quickTarget]);
  await delay(500);
  one.close();
  t.equal((await kept).error, undefined);
  await given;
  const third = await daemon.connect();
  const start = performance.now();
  const other = shell('other', 'echo > $out');
  const further = graphOf(daemon.storeDir, [other]);
  t.equal((await build(third, await addGraph(third, further, [other]))).error, undefined);
  t.ok(performance.now() - start < 60_000, 'its slot is free');
  t.equal(await daemon.stop(), 0);
});

t.test('three hundred derivations', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  const items = Array.from({ length: 300 }, (_, index) => shell(`item-${index}`, `echo ${index} > $out`));
  const graph = graphOf(daemon.storeDir, items);
  const start = performance.now();
  await addGraph(client, graph, items);
  const each = (performance.now() - start) / items.length;
  t.comment(`${each.toFixed(2)} ms for each derivation that was added`);
  // Where nothing else runs it is a good deal less than one.
  t.ok(each < 50);
  client.close();
  t.equal(await daemon.stop(), 0);
});
