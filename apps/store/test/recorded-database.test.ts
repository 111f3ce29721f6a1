/** The answers that guix-daemon gave on a database of its own, asked of our store on a copy of it. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { PathInfo } from '@cooper/contracts';
import { removeTree } from '@cooper/nar-files';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { readGolden, readGoldenJson } from '../../../test/support/golden.ts';
import { openDatabase } from '../src/shell/database.ts';
import { Paths } from '../src/shell/paths.ts';

interface PathAnswers {
  readonly 'query-path-info': Recorded<{
    readonly deriver: string;
    readonly hash: string;
    readonly references: readonly StorePath[];
    readonly 'registration-time': number;
    readonly 'nar-size': number;
  }>;
  readonly 'query-referrers': readonly StorePath[];
  readonly 'query-valid-derivers': readonly StorePath[];
  readonly 'query-derivation-outputs'?: readonly StorePath[];
  readonly 'query-derivation-output-names'?: readonly string[];
}

type Recorded<T> = T | { readonly error: string };

interface Answers {
  readonly 'query-all-valid-paths': readonly StorePath[];
  readonly paths: Readonly<Record<StorePath, PathAnswers>>;
  readonly 'query-path-from-hash-part': Readonly<Record<string, string | { readonly error: string }>>;
  readonly 'query-valid-paths': { readonly asked: readonly StorePath[]; readonly answer: readonly StorePath[] };
}

const answers = readGoldenJson<Answers>('database/answers.json.zst');
const asked = Object.keys(answers.paths) as StorePath[];

function recordedDatabase(): string {
  const directory = mkdtempSync(`${tmpdir()}/cooper-database-`);
  t.teardown(() => void removeTree(directory));
  mkdirSync(`${directory}/db`);
  writeFileSync(`${directory}/db/db.sqlite`, readGolden('database/db.sqlite.zst'));
  writeFileSync(`${directory}/db/schema`, '7');
  return `${directory}/db`;
}

const directory = recordedDatabase();
const database = openDatabase(directory);
t.teardown(() => database.close());
const paths = new Paths(database.reader);

function expectedInfo(path: StorePath): PathInfo | null {
  const recorded = answers.paths[path]?.['query-path-info'];
  if (recorded === undefined || 'error' in recorded) return null;
  return {
    path,
    narHash: `sha256:${recorded.hash}`,
    narSize: recorded['nar-size'],
    references: [...recorded.references].sort(),
    deriver: recorded.deriver === '' ? null : (recorded.deriver as StorePath),
    registrationTime: recorded['registration-time'],
  };
}

t.test('what is known of every path', async (t) => {
  const expected = asked.map(expectedInfo);
  t.ok(expected.includes(null), 'some of them are not valid');
  t.strictSame(paths.infos(asked), expected);
  for (const path of asked) t.strictSame(paths.referencesOf(path), expectedInfo(path)?.references ?? []);
});

t.test('referrers, derivers', async (t) => {
  const sorted = (question: 'query-referrers' | 'query-valid-derivers') =>
    asked.map((path) => {
      const recorded = answers.paths[path]?.[question];
      return Array.isArray(recorded) ? recorded.toSorted() : [];
    });
  t.strictSame(paths.referrers(asked), sorted('query-referrers'));
  t.strictSame(paths.derivers(asked), sorted('query-valid-derivers'));
});

t.test('outputs of derivations', async (t) => {
  const valid = new Set(answers['query-all-valid-paths']);
  for (const path of asked) {
    const { 'query-derivation-outputs': outputs, 'query-derivation-output-names': names } = answers.paths[path] ?? {};
    if (!Array.isArray(outputs) || !Array.isArray(names)) continue;
    const expected = outputs.filter((output) => valid.has(output)).toSorted();
    t.strictSame(paths.validOutputsOf(path).toSorted(), expected, path);
    t.equal(paths.validOutputs([path])[0]?.length, expected.length);
  }
});

t.test('which paths are valid', async (t) => {
  const { asked, answer } = answers['query-valid-paths'];
  t.strictSame(paths.valid(asked).toSorted(), answer.toSorted());
  t.strictSame(paths.after('', 1000), answers['query-all-valid-paths'].toSorted());
  t.strictSame(paths.after('', 10).concat(paths.after(paths.after('', 10).at(-1) ?? '', 1000)), paths.after('', 1000));
});

t.test('hash parts', async (t) => {
  for (const [part, answer] of Object.entries(answers['query-path-from-hash-part'])) {
    // Of another length: no question that the contract lets through.
    if (typeof answer !== 'string') continue;
    t.equal(paths.withPrefix(`/gnu/store/${part}-`), answer === '' ? null : answer, part);
  }
});

t.test('adopting a database adds no row, and leaves its schema', async (t) => {
  const rows = readGoldenJson<{ readonly ValidPaths: readonly unknown[] }>('database/rows.json.zst');
  const count = database.reader.prepare('select count(*) from ValidPaths').pluck().get();
  t.equal(count, rows.ValidPaths.length);
  t.equal(readFileSync(`${directory}/schema`, 'utf8'), '7');
});

t.test('a database of ours has the same tables as one of the reference', async (t) => {
  const own = mkdtempSync(`${tmpdir()}/cooper-database-`);
  t.teardown(() => void removeTree(own));
  const made = openDatabase(own);
  t.teardown(() => made.close());
  const shape = (connection: typeof database.reader) =>
    ['ValidPaths', 'Refs', 'DerivationOutputs', 'FailedPaths'].map((table) => ({
      columns: connection.pragma(`table_info(${table})`),
      keys: connection.pragma(`foreign_key_list(${table})`),
      indices: connection
        .prepare("select type, name from sqlite_master where tbl_name = ? and type <> 'table' order by name")
        .all(table),
    }));
  t.strictSame(shape(made.reader), shape(database.reader));
  t.equal(readFileSync(`${own}/schema`, 'utf8'), '7');
});
