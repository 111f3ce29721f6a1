/** Outputs that the store must not take, and those that are just good enough. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { fromText } from '@cooper/byte-string';
import type { Registration } from '@cooper/contracts';
import { close, mkdirat, O_DIRECTORY, openat, openPath } from '@cooper/system-calls';
import t from 'tap';
import { type Builder, build, inRoot, prepare, root } from './building.ts';
import { addDerivation, addText, makeDerivation, outputOf, type Recipe } from './recipes.ts';
import { openStore } from './running-store.ts';

// Processes take their time to start on a busy machine.
t.setTimeout(120_000);

type Test = Pick<typeof t, 'notOk' | 'strictSame'>;

const { client, place } = await openStore(t);
const { storeDir } = place;
const on = { client, storeDir };

/** The recipe and the builder of an output that the store must not take. */
async function rejected(t: Test, recipe: Recipe, builder: Builder) {
  const { made, registration } = await build(on, recipe, builder);
  for (const { path } of made.derivation.outputs.values()) t.notOk(existsSync(path), 'nothing is left');
  const paths = Array.from(made.derivation.outputs.values(), ({ path }) => path);
  t.strictSame(await client.call('queryValidPaths', { paths }), { paths: [] }, 'nothing is registered');
  t.strictSame(
    place.items().filter((name) => name.endsWith('.lock')),
    [],
  );
  return { made, ...(registration as Extract<Registration, { status: 'rejected' }>) };
}

t.test('an output that was not made', async (t) => {
  const { made, code, message } = await rejected(t, { name: 'nothing' }, () => undefined);
  t.equal(code, 'output-missing');
  t.equal(message, `builder for \`${made.path}' failed to produce output path \`${outputOf(made)}'`);
});

t.test('a root that leads elsewhere', async (t) => {
  const made = makeDerivation(storeDir, { name: 'elsewhere' });
  await addDerivation(client, made);
  for (const root of ['../..', '/', 'link']) {
    const prepared = await prepare(client, made);
    symlinkSync('/', `${Buffer.from(prepared.directory)}/link`);
    const answer = client.call('registerOutputs', { build: prepared.build, root: Buffer.from(root) });
    t.match(await answer, { status: 'rejected', code: 'output-missing' }, root);
  }
});

t.test('S43: suspicious owners and modes', async (t) => {
  const writable = await rejected(t, { name: 'writable' }, (path) => {
    writeFileSync(path(), '');
    chmodSync(path(), 0o664);
  });
  t.equal(writable.code, 'suspicious-ownership');
  t.equal(
    writable.message,
    `suspicious ownership or permission on \`${outputOf(writable.made)}'; rejecting this build output`,
  );
  const made = makeDerivation(storeDir, { name: 'foreign' });
  await addDerivation(client, made);
  const prepared = await prepare(client, made);
  writeFileSync(inRoot(prepared, outputOf(made)), '');
  const answer = await client.call('registerOutputs', { build: prepared.build, root, owner: 4_000_000 });
  t.match(answer, { status: 'rejected', code: 'suspicious-ownership' });
});

t.test('a file that no archive can hold', async (t) => {
  const { made, code, message } = await rejected(t, { name: 'socket' }, (path) => {
    mkdirSync(path());
    execFileSync('mkfifo', [`${path()}/p`]);
  });
  t.equal(code, 'unsupported-file-type');
  t.equal(message, `file ‘${outputOf(made)}/p’ has an unsupported type`);
});

t.test('a tree that is deeper than archives may be', async (t) => {
  const { code, message } = await rejected(t, { name: 'deep' }, (path) => {
    mkdirSync(path());
    // No path is long enough for it: from directory to directory.
    let directory = openPath(fromText(path()), O_DIRECTORY);
    for (let depth = 0; depth < 4200; depth++) {
      mkdirat(directory, fromText('d'), 0o755);
      const next = openat(directory, fromText('d'), O_DIRECTORY);
      close(directory);
      directory = next;
    }
    close(directory);
  });
  t.equal(code, 'unsupported-file-type');
  t.match(message, 'directories are inside each other');
});

t.test('rules in structured attributes, for each output by its name', async (t) => {
  const one = await addText(client, 'structured-one.txt', 'one');
  const two = await addText(client, 'structured-two.txt', 'two', [one]);
  const refer = (path: (name?: string) => string) => writeFileSync(path(), two);
  // Around the contents of a file, an archive has 112 bytes. Two small texts are in the closure.
  const size = 112 + Math.ceil(two.length / 8) * 8;
  const closureSize = size + 2 * 120;
  const checks = (check: unknown) => ({ __json: JSON.stringify({ outputChecks: check }) });
  const cases = [
    [{ allowedReferences: [] }, 'reference-not-allowed', `to path \`${two}'`],
    [{ allowedRequisites: [two] }, 'reference-not-allowed', `to path \`${one}'`],
    [{ disallowedRequisites: [one] }, 'reference-not-allowed', `to path \`${one}'`],
    [{ allowedReferences: ['nosuchoutput'] }, 'invalid-reference-specifier', '`nosuchoutput'],
    [{ maxSize: 10 }, 'output-too-large', `has ${size} bytes, and may have 10`],
    [{ maxClosureSize: 300 }, 'output-too-large', `has ${closureSize} bytes, and may have 300`],
    [{ allowedReferences: 'out' }, 'invalid-output-check', '`outputChecks.out.allowedReferences'],
    [{ maxSize: '10' }, 'invalid-output-check', 'must be a number of bytes'],
    [7, 'invalid-output-check', "`outputChecks.out' in the structured attributes of the derivation must be an object"],
  ] as const;
  for (const [index, [check, expected, text]] of cases.entries()) {
    const recipe = { name: `checked-${index}`, sources: [two], env: checks({ out: check }) };
    const { code, message } = await rejected(t, recipe, refer);
    t.equal(code, expected, message);
    t.ok(message.includes(text), message);
  }
  const other = { name: 'checked-other', sources: [two], env: checks({ lib: { maxSize: 1 } }) };
  t.equal((await build(on, other, refer)).registration.status, 'registered');
  const good = { allowedReferences: [two], disallowedReferences: [one], maxSize: size, maxClosureSize: closureSize };
  const kept = { name: 'checked-good', sources: [two], env: checks({ out: good }) };
  t.equal((await build(on, kept, refer)).registration.status, 'registered');
  const unsaid = { name: 'checked-unsaid', sources: [two], env: { __json: '{"allowedReferences":[]}' } };
  t.equal((await build(on, unsaid, refer)).registration.status, 'registered', 'as in Nix, no rule elsewhere counts');
});

t.test('S49: rules about references', async (t) => {
  const one = await addText(client, 'one.txt', 'one');
  const two = await addText(client, 'two.txt', 'two', [one]);
  const refer = (path: (name?: string) => string) => writeFileSync(path(), two);
  const cases = [
    ['allowedReferences', '', two],
    ['allowedReferences', one, two],
    ['allowedRequisites', two, one],
    ['disallowedReferences', two, two],
    ['disallowedRequisites', `${one}\n`, one],
  ] as const;
  for (const [rule, value, reference] of cases) {
    const recipe = { name: rule, sources: [two], env: { [rule]: value } };
    const { made, code, message, ...facts } = await rejected(t, recipe, refer);
    t.equal(code, 'reference-not-allowed');
    t.match(facts, { output: { name: 'out', path: outputOf(made) }, reference });
    t.equal(message, `output (\`${outputOf(made)}') is not allowed to refer to path \`${reference}'`);
  }
  const odd = await rejected(t, { name: 'odd', env: { allowedReferences: 'nosuchoutput' } }, (path) =>
    writeFileSync(path(), ''),
  );
  t.equal(odd.message, "derivation contains an invalid reference specifier `nosuchoutput'");
  const good = await build(
    on,
    { name: 'good', sources: [two], env: { allowedReferences: `out ${two}`, disallowedReferences: one } },
    refer,
  );
  t.equal(good.registration.status, 'registered');
  // The reference takes any entry of the store for a path, whether it could be one or not.
  const lax = { name: 'lax', sources: [two], env: { disallowedReferences: `${storeDir}/no-such-name` } };
  t.equal((await build(on, lax, refer)).registration.status, 'registered');
});

t.test('rules about requisites look through the other outputs of the build', async (t) => {
  const source = await addText(client, 'deep', 'deep');
  const env = { disallowedRequisites: source };
  const recipe = { name: 'deep', outputs: ['out', 'lib'], sources: [source], env };
  const { made, message, reference } = await rejected(t, recipe, (path, made) => {
    writeFileSync(path('lib'), source);
    writeFileSync(path('out'), outputOf(made, 'lib'));
  });
  t.equal(reference, source);
  t.match(message, `output (\`${outputOf(made, 'lib')}') is not allowed to refer to path`);
  const reversed = { ...recipe, name: 'reversed', outputs: ['out', 'zlib'] };
  const other = await rejected(t, reversed, (path, made) => {
    writeFileSync(path('zlib'), source);
    writeFileSync(path('out'), outputOf(made, 'zlib'));
  });
  t.match(other.message, `output (\`${outputOf(other.made)}') is not allowed to refer to path \`${source}'`);
});

t.test('S49: outputs that refer to each other in a circle', async (t) => {
  const { made, code, message } = await rejected(t, { name: 'cycle', outputs: ['out', 'lib'] }, (path, made) => {
    writeFileSync(path('out'), outputOf(made, 'lib'));
    writeFileSync(path('lib'), outputOf(made, 'out'));
  });
  t.equal(code, 'output-cycle');
  const [first] = [outputOf(made), outputOf(made, 'lib')].sort();
  t.equal(message, `cycle detected in the references of \`${first}'`);
});
