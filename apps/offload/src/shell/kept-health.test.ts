import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { afterFailure, goodHealth } from '../core/health.ts';
import { KeptHealth } from './kept-health.ts';

t.test('S87: a failure is remembered by those who come after', async (t) => {
  const file = `${t.testdir()}/health.json`;
  const warnings: string[] = [];
  const log = { warning: (text: string) => warnings.push(text) } as never;
  const failed = afterFailure(goodHealth, 1000, 'no route to host');
  new KeptHealth(file, log).set('far', failed);
  t.same(new KeptHealth(file, log).of('far'), failed);
  t.same(new KeptHealth(file, log).of('near'), goodHealth);
  new KeptHealth(file, log).set('far', goodHealth);
  t.same(JSON.parse(readFileSync(file, 'utf8')), { machines: [] });
  t.same(warnings, []);
  writeFileSync(file, '{"machines": [{}]}');
  t.same(new KeptHealth(file, log).of('far'), goodHealth);
  t.match(warnings, [/is not understood, and begun anew: machines\[0\]\.name: expected/]);
});
