/**
 * S78, S79, S88: a substitute agent that others supply lies, floods, stalls, sends bombs, answers what nobody asked, dies
 * half-way, or says nothing. What it was to fetch is built; nothing that it claims comes to be valid; the next item is fetched.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseDerivation } from '@cooper/derivation';
import { fileArchive } from '@cooper/nar';
import type { StorePath } from '@cooper/store-path';
import t, { type Test } from 'tap';
import { Cache } from './cache.ts';
import { type RunningTable, shell, startTable } from './running-table.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'needs python3';

t.setTimeout(240_000);

interface Setting extends RunningTable {
  readonly cache: Cache;
}

async function start(t: Test): Promise<Setting> {
  const cache = new Cache(t);
  const agent = join(cache.directory, 'agent', 'hostile-substituter.py');
  cpSync(here('hostile-substituter.py'), agent);
  writeFileSync(join(cache.directory, 'other'), fileArchive('something else\n'));
  const command = `/usr/bin/env python3 ${agent} ${cache.directory}`;
  const table = await startTable(t, { 'substitute-agent': command }, ({ directories }) =>
    cache.configure(directories.configuration),
  );
  return { ...table, cache };
}

/** Adds a derivation, and what the cache has for its output; gives both paths. */
async function added(setting: Setting, name: string): Promise<readonly [derivation: string, output: StorePath]> {
  const derivation = (await setting.add(shell(name, 'echo built > $out'))) as StorePath;
  const { derivations } = await setting.store.call('queryDerivations', { paths: [derivation] });
  const { outputs } = parseDerivation(derivations[0]?.contents ?? new Uint8Array(), {
    storeDir: `${setting.directory}/store`,
    path: derivation,
  });
  const path = outputs.get('out')?.path as StorePath;
  setting.cache.put({ path, contents: `fetched ${'x'.repeat(300_000)}\n` });
  return [derivation, path];
}

interface Limits {
  readonly maxSilentTime?: number;
  readonly timeout?: number;
}

async function realise({ scheduler }: Setting, target: string, limits: Limits = {}, signal?: AbortSignal) {
  const options = { fallback: true, limits: { timeout: 0, maxSilentTime: 0, maxLogSize: 0, ...limits } };
  const asked = { targets: [target], mode: 'normal', options } as const;
  const { results } = await scheduler.call('realise', asked, signal === undefined ? {} : { signal });
  return results[0];
}

/** Has the agent play a trick, which it must not gain by; then fetches something honest. */
async function play(t: Test, setting: Setting, trick: string, limits?: Limits): Promise<void> {
  const [derivation, output] = await added(setting, `trick-${trick}`);
  const result = await realise(setting, derivation, limits);
  t.equal(result?.status, 'built', `${trick}: ${result?.message}`);
  t.equal(readFileSync(output, 'utf8'), 'built\n');
  const [next] = await added(setting, `after-${trick}`);
  t.equal((await realise(setting, next))?.status, 'substituted', 'the next is fetched');
}

t.test('answers to queries that are lies', { skip }, async (t) => {
  const setting = await start(t);
  const tricks = ['none', 'many', 'of-another', 'forged', 'more-references', 'in-circles', 'elsewhere', 'refused'];
  for (const trick of tricks) await play(t, setting, trick);
});

t.test('fetches that are lies', { skip }, async (t) => {
  const setting = await start(t);
  for (const trick of ['empty', 'other', 'too-much', 'no-ticket', 'other-outcome', 'lost'])
    await play(t, setting, trick);
});

for (const trick of ['gone', 'bomb', 'huge', 'nonsense', 'dead-half-way'])
  t.test(`ends: ${trick}`, { skip }, async (t) => play(t, await start(t), trick));

t.test('stalls: a limit of time ends it, though the agent does not listen', { skip }, async (t) => {
  const setting = await start(t);
  for (const trick of ['stalled', 'never']) await play(t, setting, trick, { maxSilentTime: 2 });
  await play(t, setting, 'progress', { timeout: 2 });
});

for (const trick of ['silent', 'warnings', 'endless', 'stalled', 'progress'])
  t.test(`never ends: ${trick}`, { skip }, async (t) => {
    const setting = await start(t);
    const [derivation] = await added(setting, `trick-${trick}`);
    const controller = new AbortController();
    const ended = realise(setting, derivation, {}, controller.signal).then(
      (result) => result?.status,
      ({ code }) => code,
    );
    while ((await setting.scheduler.call('snapshot', {})).goals.length === 0) await delay(20);
    const other = await setting.add(shell('other', 'echo built > $out'));
    const options = { substitutes: false };
    const { results } = await setting.scheduler.call('realise', { targets: [other], mode: 'normal', options });
    t.equal(results[0]?.status, 'built', 'what is not to be fetched is built');
    controller.abort();
    t.equal(await ended, 'cancelled', 'the request can be taken back');
  });
