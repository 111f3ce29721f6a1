/** `cooper gc`, `roots`, `why`, `size` and the upkeep of the store, as a user sees them. */
import {
  chmodSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { TemporaryCooper } from './temporary-cooper.ts';

t.setTimeout(240_000);

const cooper = new TemporaryCooper();
t.teardown(() => cooper.remove());

/** Runs a command that must succeed; gives the lines of its output. */
async function lines(...words: readonly string[]): Promise<readonly string[]> {
  const { status, stdout, stderr } = await cooper.run(...words);
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  return stdout.split('\n').slice(0, -1);
}

async function addText(name: string, contents: string, ...references: readonly string[]): Promise<string> {
  const file = cooper.file('text', contents);
  const words = references.flatMap((reference) => ['--reference', reference]);
  const [path = ''] = await lines('store', 'add-text', name, file, ...words);
  return path;
}

const recipe = cooper.recipe("export default shell('greeting', 'echo hello > $out');");
const link = join(cooper.directory, 'result');

t.test('what a link from a build points to stays', async (t) => {
  const [output = ''] = await lines('build', '--file', recipe, '--root', link);
  t.equal(readlinkSync(link), output);
  const unwanted = await addText('unwanted', 'x');
  t.ok((await lines('roots')).includes(`${link} -> ${output}`));
  t.ok((await lines('gc', '--print-live')).includes(output));
  const dead = await lines('gc', '--print-dead');
  t.ok(dead.includes(unwanted) && !dead.includes(output));
  const refused = await cooper.run('gc', '--delete', output);
  t.match(refused, {
    status: 1,
    stdout: '',
    stderr: `cooper: error: cannot delete path \`${output}' since it is still alive\n`,
  });
  const collected = await cooper.run('gc');
  t.match(collected, { status: 0, stdout: '' });
  t.match(collected.stderr, /^cooper: \d+ items? deleted, .* freed\n$/);
  t.ok(existsSync(output) && !existsSync(unwanted));

  rmSync(link);
  const deleted = (await lines('gc', '--json')).map((line) => JSON.parse(line));
  t.ok(deleted.some((each) => each.event === 'deleted' && each.paths.includes(output)));
  t.match(deleted.at(-1), { event: 'result' });
  t.notOk(existsSync(output));
});

t.test('links that people make themselves', async (t) => {
  const path = await addText('mine', 'x');
  symlinkSync(path, link);
  t.strictSame(await lines('roots', 'add', link), []);
  t.strictSame(await lines('gc', '--print-roots'), [`${link} -> ${path}`]);
  await lines('gc');
  t.ok(existsSync(path));
  rmSync(link);
});

t.test('old generations of profiles', async (t) => {
  const [old, newer, current] = [await addText('g1', 'x'), await addText('g2', 'x'), await addText('g3', 'x')];
  const directory = `${cooper.state}/profiles/per-user/me`;
  mkdirSync(directory, { recursive: true });
  const day = 86_400;
  for (const [index, path] of [old, newer, current].entries()) {
    const generation = `${directory}/profile-${index + 1}-link`;
    symlinkSync(path, generation);
    const time = Date.now() / 1000 - (30 - 10 * index) * day;
    lutimesSync(generation, time, time);
  }
  symlinkSync('profile-3-link', `${directory}/profile`);
  await lines('gc', '--delete-older-than', '15d');
  t.strictSame(
    [old, newer, current].map((path) => existsSync(path)),
    [false, true, true],
  );
  t.match(await cooper.run('gc', '--delete-older-than', 'soon'), { status: 1, stderr: /an age such as/ });
});

t.test('why, size and differences', async (t) => {
  const leaf = await addText('leaf-1.0', 'leaf'.repeat(1000));
  const middle = await addText('middle', 'middle', leaf);
  const top = await addText('top', 'top', middle);
  const other = await addText('other', 'other', await addText('leaf-1.1', 'x'));
  t.strictSame(await lines('why', top, leaf), [top, `  ${middle}`, `    ${leaf}`]);
  t.match(await cooper.run('why', leaf, top), { status: 1, stdout: '', stderr: /does not need/ });
  t.strictSame(JSON.parse((await lines('why', '--json', top, leaf)).join('')), {
    from: top,
    to: leaf,
    chain: [top, middle, leaf],
  });
  t.match((await lines('why', '--graph', top, leaf)).join('\n'), /^digraph.*->.*}$/s);

  const [first = '', ...rest] = (await lines('size', '--json', top)).map((line) => JSON.parse(line));
  t.match(first, { path: leaf, self: 4112, closure: 4112 });
  const whole = rest.find(({ path }) => path === top);
  t.equal(
    whole.closure,
    [first, ...rest].reduce((sum, { self }) => sum + self, 0),
  );
  t.match((await lines('size', top)).at(-1), /^total: .* in 3 items$/);
  const picture = join(cooper.directory, 'picture.svg');
  await lines('size', top, '--svg', picture);
  t.match(readFileSync(picture, 'utf8'), /^<svg .*leaf-1\.0 4\.0 KiB.*<\/svg>\n$/s);

  const diff = await cooper.run('store', 'diff', top, other);
  t.equal(diff.status, 1);
  t.match(diff.stdout, /^leaf: 1\.0 -> 1\.1, -3\.9 KiB$/m);
  t.match(diff.stdout, /^other: none -> present, \+/m);
  t.match(await cooper.run('store', 'diff', top, top), { status: 0, stdout: '' });
});

t.test('verification, repair, and shrinking', async (t) => {
  const [output = ''] = await lines('build', '--file', recipe, '--root', link);
  t.match(await cooper.run('store', 'verify', '--contents'), { status: 0, stdout: '', stderr: /all is well/ });
  chmodSync(output, 0o644);
  writeFileSync(output, 'corrupt');
  t.match(await cooper.run('store', 'verify'), { status: 0 }, 'contents are looked at when asked');
  const bad = await cooper.run('store', 'verify', '--contents');
  t.match(bad, { status: 1, stderr: new RegExp(`path \`${output}' was modified: expected hash`) });
  const found = await cooper.run('store', 'verify', '--contents', '--json');
  const events = found.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  t.match(
    events.find(({ event }) => event === 'corrupt'),
    { path: output },
  );
  t.match(events.at(-1), { event: 'result', corrupt: 1, missing: 0 });
  const shown = ['/bin', '/usr', '/lib', '/lib64'].filter((path) => existsSync(path));
  const repaired = await cooper.run('store', 'repair', ...shown.flatMap((path) => ['--sandbox-path', path]));
  t.match(repaired, { status: 0, stderr: /1 item repaired/ });
  t.equal(readFileSync(output, 'utf8'), 'hello\n');
  t.match(await cooper.run('store', 'verify', '--contents'), { status: 0, stderr: /all is well/ });
  t.match(await cooper.run('store', 'optimise'), { status: 0, stderr: /linked, .* freed/ });
  t.match(await cooper.run('store', 'vacuum'), { status: 0, stderr: /the database is sound/ });
});
