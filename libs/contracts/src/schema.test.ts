/** What the compiler makes of declarations, and what the contracts hold. Half of this test is that it compiles. */
import t from 'tap';
import {
  buildAgentContract,
  bytes,
  check,
  contract,
  type Item,
  integer,
  list,
  literal,
  type MethodName,
  method,
  nullable,
  optional,
  type Params,
  type Result,
  record,
  type Static,
  schedulerContract,
  storeContract,
  storePath,
  streamingMethod,
  text,
  union,
} from './index.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only when its type argument is `true`. */
function holds<_ extends true>(): void {}

const example = record({
  name: text(),
  data: optional(bytes()),
  words: list(literal('a', 'b')),
  maybe: nullable(integer()),
});

const shape = union('kind', { round: { radius: integer() }, point: {} });

const sample = contract({
  name: 'sample',
  version: 1,
  about: 'For tests.',
  methods: {
    plain: method({ about: 'Be plain.', params: record({ n: integer() }), result: example }),
    stream: streamingMethod({
      about: 'Stream.',
      params: record({}),
      item: shape,
      result: record({}),
      errors: ['late'],
    }),
  },
});
type Sample = typeof sample;

t.test('types derive from declarations', async (t) => {
  holds<
    Same<
      Static<typeof example>,
      {
        readonly name: string;
        readonly data?: Uint8Array;
        readonly words: readonly ('a' | 'b')[];
        readonly maybe: number | null;
      }
    >
  >();
  holds<Same<Static<typeof shape>, { readonly kind: 'round'; readonly radius: number } | { readonly kind: 'point' }>>();
  holds<Same<MethodName<Sample>, 'plain' | 'stream'>>();
  holds<Same<Params<Sample, 'plain'>, { readonly n: number }>>();
  holds<Same<Result<Sample, 'plain'>, Static<typeof example>>>();
  holds<Same<Item<Sample, 'stream'>, Static<typeof shape>>>();
  holds<Same<Item<Sample, 'plain'>, never>>();
  t.strictSame(sample.methods.plain.errors, []);
  t.strictSame(sample.methods.stream.errors, ['late']);
});

t.test('store paths have the shape of store paths', async (t) => {
  const hash = 'jfdljd6k5rr7hjqgdvx3nqdxzn8cpv6a';
  const fits = (path: string) => t.equal(check(storePath, path, 'path'), path);
  const refuses = (path: string) => t.throws(() => check(storePath, path, 'path'), { code: 'invalid-request' }, path);
  fits(`/gnu/store/${hash}-hello-2.12.1`);
  fits(`/home/ada/.local/state/cooper/store/${hash}-a`);
  for (const name of ['', 'a/b', 'a b', 'é', 'a\n', 'x'.repeat(212)]) refuses(`/gnu/store/${hash}-${name}`);
  refuses(`gnu/store/${hash}-hello`);
  refuses(`/gnu/store/${hash.replace('j', 'e')}-hello`);
  refuses(`/gnu/store/${hash.slice(1)}-hello`);
  refuses(`/gnu/store/${hash}`);
});

t.test('S96: a hostile path takes no longer to refuse than to read', async (t) => {
  const start = performance.now();
  t.throws(() => check(storePath, `/${'/a'.repeat(2000)}`, 'path'));
  t.throws(() => check(storePath, '/'.repeat(4096), 'path'));
  t.ok(performance.now() - start < 500);
});

t.test('the contracts say what each call does, and name calls and errors alike', async (t) => {
  for (const { name, methods } of [storeContract, schedulerContract, buildAgentContract]) {
    for (const [call, { about, errors, params }] of Object.entries(methods)) {
      t.match(call, /^[a-z][A-Za-z]*$/);
      t.match(about, /^[A-Z].*\.$/s, `${name} ${call}`);
      t.equal(params.node.kind, 'record', `${name} ${call}: parameters are one map`);
      for (const code of errors) t.match(code, /^[a-z]+(-[a-z]+)*$/);
    }
  }
});
