import { isFault } from '@cooper/fault';
import fc from 'fast-check';
import t from 'tap';
import { check } from './check.ts';
import {
  boolean,
  bytes,
  integer,
  list,
  literal,
  nullable,
  optional,
  record,
  type Schema,
  text,
  union,
} from './schema.ts';

const shape = union('kind', { round: { radius: integer({ maximum: 10 }) }, square: { side: integer() } });

const schema = record({
  name: text({ pattern: /^[a-z]+$/, maxLength: 8, about: 'a lower-case word' }),
  data: bytes({ maxLength: 4 }),
  count: integer({ minimum: 1, maximum: 9 }),
  sure: boolean(),
  color: literal('red', 'green'),
  comment: nullable(text()),
  shapes: list(shape, { maxLength: 2 }),
  note: optional(text()),
});

const good = {
  name: 'abc',
  data: Buffer.from('ab'),
  count: 3,
  sure: true,
  color: 'red',
  comment: null,
  shapes: [{ kind: 'round', radius: 1 }],
};

t.test('a value that fits comes back as it is, unknown fields included', async (t) => {
  t.equal(check(schema, good, 'params'), good);
  const grown = { ...good, comment: 'x', note: 'y', future: 1.5, shapes: [{ kind: 'square', side: 0, future: null }] };
  t.equal(check(schema, grown, 'params'), grown);
});

const refused: readonly (readonly [change: object, place: string, message: RegExp])[] = [
  [{ name: 7 }, 'params.name', /expected text, got 7/],
  [{ name: 'ABC' }, 'params.name', /expected a lower-case word, got "ABC"/],
  [{ name: 'abc\n' }, 'params.name', /expected a lower-case word/],
  [{ name: 'a'.repeat(100) }, 'params.name', /expected at most 8 characters, got "a{60}…"/],
  [{ name: undefined }, 'params.name', /expected text, got nothing/],
  [{ data: 'ab' }, 'params.data', /expected bytes, got "ab"/],
  [{ data: Buffer.alloc(5) }, 'params.data', /expected at most 4 bytes, got 5 bytes/],
  [{ count: 0 }, 'params.count', /expected 1 to 9, got 0/],
  [{ count: 10 }, 'params.count', /expected 1 to 9, got 10/],
  [{ count: 1.5 }, 'params.count', /expected an integer, got 1.5/],
  [{ count: 2n ** 60n }, 'params.count', /expected an integer, got 1152921504606846976/],
  [{ count: '3' }, 'params.count', /expected an integer, got "3"/],
  [{ sure: 1 }, 'params.sure', /expected a boolean, got 1/],
  [{ color: 'blue' }, 'params.color', /expected one of red, green, got "blue"/],
  [{ color: 'toString' }, 'params.color', /expected one of red, green/],
  [{ comment: 5 }, 'params.comment', /expected text, got 5/],
  [{ note: null }, 'params.note', /expected text, got null/],
  [{ shapes: {} }, 'params.shapes', /expected a list, got a map/],
  [{ shapes: [1, 2, 3] }, 'params.shapes', /expected at most 2 items, got a list of 3/],
  [
    { shapes: [good.shapes[0], { kind: 'oval' }] },
    'params.shapes[1].kind',
    /expected one of round, square, got "oval"/,
  ],
  [{ shapes: [{ radius: 1 }] }, 'params.shapes[0].kind', /got nothing/],
  [{ shapes: [{ kind: 'constructor' }] }, 'params.shapes[0].kind', /got "constructor"/],
  [{ shapes: ['round'] }, 'params.shapes[0].kind', /got nothing/],
  [{ shapes: [null] }, 'params.shapes[0].kind', /got nothing/],
  [{ shapes: [{ kind: 'round', radius: 11 }] }, 'params.shapes[0].radius', /expected 0 to 10, got 11/],
];

for (const [change, place, message] of refused) {
  t.test(`refuses ${place} ${String(message)}`, async (t) => {
    t.throws(() => check(schema, { ...good, ...change }, 'params'), {
      code: 'invalid-request',
      message,
      facts: { place },
    });
  });
}

t.test('refuses what is no map', async (t) => {
  for (const value of [undefined, null, 1, 'x', [], Buffer.from('x')]) {
    t.throws(() => check(schema, value, 'params'), { message: /^params: expected a map/ });
  }
});

t.test('a missing field is named, and what Object.prototype has is no field', async (t) => {
  const { name: _, ...rest } = good;
  t.throws(() => check(schema, rest, ''), { message: /^name: expected a value, got nothing/ });
  t.throws(() => check(record({ constructor: text() }), {}, ''), { message: /^constructor: expected a value/ });
});

/** A schema together with values that fit it. */
interface Sample {
  readonly schema: Schema;
  readonly values: fc.Arbitrary<unknown>;
}

const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { depthSize: 'small' },
    fc.constant({ schema: text(), values: fc.string() }),
    fc.constant({ schema: bytes(), values: fc.uint8Array() }),
    fc.constant({ schema: integer(), values: fc.maxSafeNat() }),
    fc.constant({ schema: boolean(), values: fc.boolean() }),
    fc.constant({ schema: literal('a', 'b'), values: fc.constantFrom('a', 'b') }),
    tie('sample').map(({ schema, values }) => ({ schema: nullable(schema), values: fc.option(values) })),
    tie('sample').map(({ schema, values }) => ({ schema: list(schema), values: fc.array(values, { maxLength: 4 }) })),
    tie('sample').map(({ schema, values }) => ({
      schema: record({ field: schema, other: optional(schema) }),
      values: fc.record({ field: values, other: values }, { requiredKeys: ['field'] }),
    })),
  ),
}));

t.test('every schema accepts its values; of others it refuses with a fault or lets them pass', async () => {
  fc.assert(
    fc.property(
      sample.chain(({ schema, values }) => fc.tuple(fc.constant(schema), values)),
      fc.anything(),
      ([schema, value], other) => {
        check(schema, value, 'value');
        try {
          check(schema, other, 'other');
        } catch (error) {
          if (!isFault(error, 'invalid-request')) throw error;
        }
      },
    ),
  );
});
