/** Builds on other machines, with real sshd processes and a Cooper behind each. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { RecipeDerivation } from '@cooper/recipe';
import t from 'tap';
import { startDelayingProxy } from '../../support/delaying-proxy.ts';
import { shell } from '../scheduler/running-table.ts';
import { skip } from './far-machine.ts';
import { type Farm, startFarm } from './farm.ts';

t.setTimeout(170_000);

const cooper = fileURLToPath(new URL('../../../apps/cli/bin/cooper', import.meta.url));

t.test('a build goes there with its inputs, and its log and outputs come back', { skip }, async (t) => {
  const farm = await startFarm(t, { far: {} });
  const input = shell('input', 'echo of old > $out', { preferLocalBuild: '1' });
  const script = 'echo one; echo two >&2; read line < $input; echo $line, made anew > $out; ln $out $out.x || true';
  const result = await farm.build([await farm.add(shell('item', script, { input }))]);
  t.same(result.statuses, ['built'], `${result.message} ${result.remarks}`);
  t.same(result.agents, ['builder', 'offload: far']);
  t.equal(result.log, 'one\ntwo\n');
  const [output = ''] = result.outputs;
  t.equal(readFileSync(output, 'utf8'), 'of old, made anew\n');
  t.equal(statSync(output).mtimeMs, 1000, 'canonical, as what is built here');
  t.match(result.remarks, /on `far': 0 of 1 slots are taken, speed 1, \d+ inputs to send/);
  const started = result.events.findLast((event) => event.event === 'build-started');
  t.equal(gunzipSync(readFileSync(Buffer.from(started?.logFile ?? []))).toString(), 'one\ntwo\n');
  const settings = [`--store-dir=${farm.directory}/store`, `--state-dir=${farm.directory}/state`];
  t.equal(spawnSync(cooper, ['log', output, ...settings]).stdout.toString(), 'one\ntwo\n');

  const clipboard = '\u001b]52;c;ZXZpbA==\u0007';
  const failing = await farm.build([await farm.add(shell('failing', `printf '${clipboard}'; exit 7`))]);
  t.same([failing.statuses, failing.agents], [['permanent-failure'], ['offload: far']], 'it is not done again here');
  t.match(
    failing.events.filter(({ event }) => event === 'build-failed'),
    [{ exitCode: 7 }],
  );
  t.equal(failing.log, clipboard, 'S83: a log is passed on as it is; who shows it sees to that');
  const long = farm.build([await farm.add(shell('long', 'echo begun; sleep 300'))]);
  const { scheduler } = farm;
  const running = async () => (await scheduler.call('snapshot', {})).goals.find(({ process }) => process !== undefined);
  while ((await running()) === undefined) await delay(50);
  t.match(await running(), { agent: 'offload: far' }, 'cooper ps says where');
  const [request = 0] = await requestsOf(farm);
  await scheduler.call('cancel', { request });
  t.same((await long).statuses, ['cancelled']);
  const limits = { timeout: 0, maxSilentTime: 1, maxLogSize: 0 };
  const silent = await farm.build([await farm.add(shell('silent', 'sleep 60'))], { limits });
  t.same([silent.statuses, silent.agents], [['timed-out'], ['offload: far']]);
  t.equal(farm.machines['far']?.connections(), 1);
  const views = (await (await farm.table.machines()).call('list', {})).machines;
  t.match(views, [{ name: 'far', state: 'connected', running: 0, load: { processors: Number } }]);
});

t.test('D07, D09: forty builds over three machines that differ', { skip }, async (t) => {
  const farm = await startFarm(t, {
    fast: { entry: { jobs: 4, speed: 2, features: ['kvm'] }, settings: { 'max-jobs': 4 } },
    slow: { entry: { jobs: 2 }, settings: { 'max-jobs': 2 } },
    big: { entry: { mandatoryFeatures: ['big'] }, settings: { 'max-jobs': 1 } },
  });
  const base = shell('base', 'echo base > $out');
  const kinds = ['', '', '', '', '', 'kvm', 'kvm', 'big'];
  const wanted = Array.from({ length: 40 }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? '';
    const env = kind === '' ? { base } : { base, requiredSystemFeatures: kind };
    return { kind, item: shell(`job-${index}`, `echo says ${index}; cat $base > $out; echo ${index} >> $out`, env) };
  });
  const targets: string[] = [];
  for (const { item } of wanted) targets.push(await farm.add(item));
  const result = await farm.build(targets);
  t.same([...new Set(result.statuses)], ['built'], `${result.message} ${result.remarks}`);
  for (const [index, output] of result.outputs.entries()) t.equal(readFileSync(output, 'utf8'), `base\n${index}\n`);
  t.same(result.log.trim().split('\n').sort(), wanted.map((_, index) => `says ${index}`).sort(), 'logs and all');
  const started = result.events.filter((event) => event.event === 'build-started');
  const placeOf = new Map(started.map(({ derivation, agent }) => [derivation as string, agent]));
  const placesOf = (kind: string) => [
    ...new Set(wanted.flatMap((job, index) => (job.kind === kind ? [placeOf.get(targets[index] ?? '')] : []))),
  ];
  t.same(placesOf('kvm'), ['offload: fast']);
  t.same(placesOf('big'), ['offload: big']);
  t.same(placesOf('').sort(), ['offload: fast', 'offload: slow']);
  for (const [name, machine] of Object.entries(farm.machines)) t.equal(machine.connections(), 1, `one way to ${name}`);
});

t.test('D07: over a long way, a build costs one round trip', { skip }, async (t) => {
  const farm = await startFarm(t, { far: {} });
  const proxy = await startDelayingProxy(farm.machines['far']?.port ?? 0, { delay: 150 });
  t.teardown(() => proxy.close());
  farm.describe({ far: { port: proxy.port } });
  const targets: string[] = [];
  for (let index = 0; index < 9; index++) targets.push(await farm.add(shell(`far-${index}`, `echo ${index} > $out`)));
  t.same((await farm.build(targets.slice(0, 1))).agents, ['offload: far'], 'the way is open');
  const before = proxy.roundTrips;
  const result = await farm.build(targets.slice(1));
  t.same([...new Set(result.agents)], ['offload: far']);
  const trips = (proxy.roundTrips - before) / 8;
  t.ok(trips >= 1 && trips < 1.2, `${trips} round trips for each, one after the other`);
  t.equal(proxy.connections, 1);
});

t.test('D07: what is small does not wait until what is large has come', { skip }, async (t) => {
  const farm = await startFarm(t, { far: { entry: { jobs: 2, compression: 'none' }, settings: { 'max-jobs': 2 } } });
  const proxy = await startDelayingProxy(farm.machines['far']?.port ?? 0, { delay: 0, pace: 200_000 });
  t.teardown(() => proxy.close());
  farm.describe({ far: { port: proxy.port } });
  const size = 8_000_000;
  const large = shell('large', `head -c ${size} /dev/urandom > $out`, { preferLocalBuild: '1' });
  const slow = await farm.add(shell('slow', 'test -s $large; echo > $out', { large }));
  const quick = await farm.add(shell('quick', 'echo > $out'));
  await farm.build([await farm.add(large)]);
  let isOver = false;
  const slowBuild = farm.build([slow]).finally(() => (isOver = true));
  while (proxy.bytes.up < 500_000 && !isOver) await delay(20);
  const { agents } = await farm.build([quick]);
  t.same(agents, ['offload: far']);
  t.ok(proxy.bytes.up < size, `${proxy.bytes.up} of ${size} bytes had left`);
  const [request = 0] = await requestsOf(farm);
  await farm.scheduler.call('cancel', { request });
  t.same((await slowBuild).statuses, ['cancelled']);
});

t.test(
  'D08: what a machine has is not sent to it: neither for another build, nor back after it made it',
  { skip },
  async (t) => {
    const farm = await startFarm(t, { far: { entry: { jobs: 3, compression: 'none' }, settings: { 'max-jobs': 3 } } });
    const proxy = await startDelayingProxy(farm.machines['far']?.port ?? 0, { delay: 0 });
    t.teardown(() => proxy.close());
    farm.describe({ far: { port: proxy.port } });
    const size = 3_000_000;
    const random = `head -c ${size} /dev/urandom > $out`;
    /** What passed in each direction, in bytes, while these were built there. */
    const buildThere = async (items: readonly RecipeDerivation[]) => {
      const { up, down } = proxy.bytes;
      const targets: string[] = [];
      for (const item of items) targets.push(await farm.add(item));
      const { statuses, agents, remarks } = await farm.build(targets);
      t.same([...new Set(statuses)], ['built'], remarks);
      t.equal(agents.at(-1), 'offload: far');
      return { up: proxy.bytes.up - up, down: proxy.bytes.down - down };
    };
    const big = shell('big', random, { preferLocalBuild: '1' });
    const users = [1, 2, 3].map((number) => shell(`user-${number}`, `test -s $big; echo ${number} > $out`, { big }));
    const first = await buildThere(users);
    t.ok(first.up > size && first.up < 2 * size, `${first.up} bytes for three builds that need the same ${size}`);
    const made = shell('made', random);
    const second = await buildThere([made]);
    t.ok(second.down > size && second.down < 2 * size, `${second.down} bytes of an output came`);
    const third = await buildThere([shell('last', 'test -s $big; test -s $made; echo > $out', { big, made })]);
    t.ok(third.up < size / 2, `${third.up} bytes for a build of what is there`);
  },
);

async function requestsOf({ scheduler }: Farm): Promise<readonly number[]> {
  return (await scheduler.call('snapshot', {})).requests.map(({ request }) => request);
}
