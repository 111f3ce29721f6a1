/** Builds on other machines, with real sshd processes and a Cooper behind each. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { shell } from '../scheduler/running-table.ts';
import { skip } from './far-machine.ts';
import { startFarm } from './farm.ts';

t.setTimeout(170_000);

t.test('a build goes there with its inputs, and its log and outputs come back', { skip }, async (t) => {
  const farm = await startFarm(t, { far: {} });
  const input = shell('input', 'echo of old > $out', { preferLocalBuild: '1' });
  const item = shell('item', 'echo one; echo two >&2; read line < $input; echo $line, made anew > $out', { input });
  const result = await farm.build([await farm.add(item)]);
  t.same(result.statuses, ['built'], `${result.message} ${result.remarks}`);
  t.same(result.agents, ['builder', 'offload: far']);
  t.equal(result.log, 'one\ntwo\n');
  const [output = ''] = result.outputs;
  t.equal(readFileSync(output, 'utf8'), 'of old, made anew\n');
  t.match(result.remarks, /on `far': 0 of 1 slots are taken, speed 1, \d+ inputs to send/);
  const started = result.events.findLast((event) => event.event === 'build-started');
  t.equal(gunzipSync(readFileSync(Buffer.from(started?.logFile ?? []))).toString(), 'one\ntwo\n');
});
