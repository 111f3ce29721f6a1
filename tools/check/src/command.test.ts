import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { commands } from './checks.ts';
import { runCommand } from './command.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

t.test('a program that fails fails the check, and both of its outputs are kept', async (t) => {
  const script = "console.log('to stdout'); console.error('to stderr'); process.exit(3)";
  const { ok, output } = await runCommand(root, ['node', '-e', script]);
  t.equal(ok, false);
  t.match(output, /to stdout/);
  t.match(output, /to stderr/);
});

t.test('a program that succeeds passes, run by the pinned Node', async (t) => {
  const { ok, output } = await runCommand(root, ['node', '-p', 'process.version']);
  t.same({ ok, output }, { ok: true, output: `${process.version}\n` });
});

t.test('the compiler and the formatter tell good files from bad ones', async (t) => {
  const { types, 'format and lint': formatAndLint } = commands;
  t.same([types?.[0], formatAndLint?.slice(0, 2)], ['tsc', ['biome', 'ci']]);
  const folder = mkdtempSync(join(tmpdir(), 'command-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [tsc, biome] = ['tsc', 'biome'].map((name) => `${root}/node_modules/.bin/${name}`);
  const verdicts = async (source: string) => {
    writeFileSync(join(folder, 'source.ts'), source);
    const compiled = await runCommand(folder, [tsc ?? '', '--noEmit', 'source.ts']);
    const formatted = await runCommand(folder, [biome ?? '', 'ci', '--colors=off', '.']);
    return [compiled.ok, formatted.ok];
  };
  t.same(await verdicts('export const n = 1;\n'), [true, true]);
  t.same(await verdicts('export const n: string = 1;\n'), [false, true]);
  t.same(await verdicts('export const  n = 1;\n'), [true, false]);
});
