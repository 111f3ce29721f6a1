import { fromText } from '@cooper/byte-string';
import type { Derivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { passedFiles, structuredFiles } from './attribute-files.ts';
import { Attributes, type JsonObject } from './attributes.ts';
import { structuredGraphs } from './references-graph.ts';

const path = '/gnu/store/00000000000000000000000000000000-trial.drv' as StorePath;

function attributes(env: Readonly<Record<string, string>>): Attributes {
  const variables = new Map(Object.entries(env).map(([name, value]) => [fromText(name), fromText(value)]));
  return new Attributes({ env: variables } as unknown as Derivation, path);
}

t.test('words and flags come from variables', async (t) => {
  const plain = attributes({ requiredSystemFeatures: ' kvm\tbig-parallel\n', preferLocalBuild: '1', other: 'true' });
  t.same(plain.list('requiredSystemFeatures'), ['kvm', 'big-parallel']);
  t.same(plain.list('passAsFile'), []);
  t.ok(plain.flag('preferLocalBuild'));
  t.notOk(plain.flag('allowSubstitutes'));
});

t.test('what is allowed unless it is said otherwise', async (t) => {
  const isAllowed = (env: Readonly<Record<string, string>>) => attributes(env).allows('allowSubstitutes');
  t.same([{}, { allowSubstitutes: '1' }, { __json: '{}' }, { __json: '{"allowSubstitutes":true}' }].map(isAllowed), [
    true,
    true,
    true,
    true,
  ]);
  const no = [{ allowSubstitutes: '' }, { allowSubstitutes: '0' }, { __json: '{"allowSubstitutes":false}' }];
  t.same(no.map(isAllowed), [false, false, false]);
  t.ok(isAllowed({ __json: '{}', allowSubstitutes: '' }), 'with structured attributes nothing else counts');
});

t.test('with structured attributes nothing else counts', async (t) => {
  const json = '{"requiredSystemFeatures":["kvm"],"preferLocalBuild":true,"passAsFile":"a b"}';
  const structured = attributes({ __json: json, requiredSystemFeatures: 'other', allowSubstitutes: '1' });
  t.same(structured.list('requiredSystemFeatures'), ['kvm']);
  t.same(structured.list('passAsFile'), ['a', 'b']);
  t.ok(structured.flag('preferLocalBuild'));
  t.notOk(structured.flag('allowSubstitutes'));
  t.same(structured.list('impureEnvVars'), []);
});

t.test('attributes of another shape are refused, by their names', async (t) => {
  for (const [name, values] of [
    ['preferLocalBuild', [1, '1', null, [true]]],
    ['allowSubstitutes', ['', {}]],
    ['requiredSystemFeatures', [['kvm', 1], { kvm: true }, null, 5]],
    ['impureEnvVars', [[['PATH']], true]],
    ['passAsFile', [[null]]],
  ] as const) {
    for (const value of values) {
      const json = JSON.stringify({ [name]: value });
      t.throws(() => attributes({ __json: json }), { code: 'input-rejected', message: new RegExp(`\`${name}'`) }, json);
    }
  }
});

t.test('what is no JSON object is refused', async (t) => {
  const deep = '['.repeat(1_000_000);
  for (const json of ['', '{', '[]', 'null', '1', '"x"', '{"a":1}x', deep])
    t.throws(() => attributes({ __json: json }), { code: 'input-rejected' }, json.slice(0, 20));
});

t.test('numbers keep what they say, keys are in byte order', async (t) => {
  const { structured } = attributes({ __json: '{"é":1,"z":9007199254740993,"__proto__":{"b":1.50,"a":-0}}' });
  const [json, shell] = structuredFiles(structured as JsonObject, new Map(), {});
  t.equal(
    `${Buffer.from(json?.contents ?? [])}`,
    '{"__proto__":{"a":-0,"b":1.50},"outputs":{},"z":9007199254740993,"é":1}',
  );
  t.equal(`${Buffer.from(shell?.contents ?? [])}`, 'declare -A outputs=()\ndeclare z=9007199254740993\n');
});

t.test('a quote in a value cannot end its word', async (t) => {
  const { structured } = attributes({ __json: JSON.stringify({ a: "'; rm -rf /; '", l: ['$(id)'], "b'": 1 }) });
  const [, shell] = structuredFiles(structured as JsonObject, new Map(), {});
  t.match(`${Buffer.from(shell?.contents ?? [])}`, "declare a=''\\''; rm -rf /; '\\'''\ndeclare -a l=('$(id)' )\n");
});

t.test('S29: names of passed files are no file names of the derivation', async (t) => {
  const env = new Map([[fromText('../x'), fromText('contents')]]);
  const files = passedFiles(env, ['../x', '../x', 'absent']);
  t.equal(files.length, 1);
  t.match(files[0]?.name ?? '', /^\.attr-[0-9a-z]{52}$/);
  t.equal(files[0]?.variable, '../xPath');
});

t.test('S29: a graph of structured attributes is of the store', async (t) => {
  for (const odd of ['/etc/passwd', 1, null, `/gnu/store/../../etc/passwd`, ['/gnu/store/x']])
    t.throws(
      () => structuredGraphs({ exportReferencesGraph: { g: [odd as string] } }, '/gnu/store'),
      { code: /input-rejected|invalid-store-path/ },
      `${odd}`,
    );
});
