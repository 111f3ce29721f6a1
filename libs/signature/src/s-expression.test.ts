import { toBytes } from '@cooper/byte-string';
import { isFault } from '@cooper/fault';
import fc from 'fast-check';
import t from 'tap';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { parseSExpression, printAdvanced, printCanonical, type SExpression } from './index.ts';

interface Golden {
  readonly expressions: readonly { readonly canonical: string; readonly advanced: string }[];
}

const parse = (text: string) => parseSExpression(Buffer.from(text, 'latin1'));
const bytes = fc.oneof(fc.string({ maxLength: 12, unit: 'binary-ascii' }), latin1());
const { expression } = fc.letrec<{ expression: SExpression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5 },
    bytes,
    fc.array(tie('expression'), { maxLength: 4 }),
  ) as fc.Arbitrary<SExpression>,
}));

function latin1(): fc.Arbitrary<string> {
  return fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array).toString('latin1'));
}

function refusal(text: string): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    if (isFault(error, 'invalid-s-expression')) return error.message;
    throw error;
  }
}

t.test('expressions as libgcrypt writes them', async (t) => {
  const { expressions } = readGoldenJson<Golden>('signature/libgcrypt.json.zst');
  t.equal(expressions.length, 300);
  for (const { canonical, advanced } of expressions) {
    const text = Buffer.from(canonical, 'base64').toString('latin1');
    const expression = parse(text);
    t.equal(printCanonical(expression), text);
    t.equal(toBytes(printAdvanced(expression)).toString('base64'), advanced);
    t.same(parseSExpression(Buffer.from(advanced, 'base64')), expression);
  }
});

t.test("the files of Guix's keys are written as they were read", async (t) => {
  const keys = [...readGoldenBundle('narinfo/guix.tar.zst')].filter(([name]) => name.startsWith('keys/'));
  t.equal(keys.length, 5);
  for (const [name, file] of keys) t.equal(printAdvanced(parseSExpression(file)), file.toString('latin1'), name);
});

t.test('notations of byte strings', async (t) => {
  const same = [
    '(abc)',
    '(3:abc)',
    '("abc")',
    '(#616263#)',
    '(# 61 62\n63 #)',
    '(|YWJj|)',
    ' ( abc\n) ',
    '("\\x61b\\143")',
  ];
  for (const text of same) t.same(parse(text), ['abc'], text);
  t.same(parse('("a\\\nb\\t\\"\\\\")'), ['ab\t"\\']);
  t.same(parse('(0:""##)'), ['', '', '']);
  t.same(parse('3:)(:'), ')(:');
});

t.test('what is no expression', async (t) => {
  const texts = [
    '',
    ' ',
    '(',
    ')',
    '(a',
    'a)',
    '()x',
    '(a)(b)',
    '(4:abc)',
    '(9999999:a)',
    '(99999999999:a)',
    '(01:a)',
    '(#6#)',
  ];
  const others = [
    '(#6x#)',
    '(|YQ=|)',
    '(|Y|)',
    '("a)',
    '("\\q")',
    '("\\777")',
    '([hint]a)',
    '(\0)',
    '(a)\0',
    '(é)',
    '(1a)',
  ];
  for (const text of [...texts, ...others]) t.ok(refusal(text), JSON.stringify(text));
  t.equal(refusal('('.repeat(30) + ')'.repeat(30)), undefined);
  t.match(refusal('('.repeat(100_000)), 'more than 32 levels');
  t.match(refusal('a'.repeat(1 << 20)), 'it has more than');
});

t.test('any expression comes back from either form', async () => {
  fc.assert(
    fc.property(expression, (expression) => {
      const canonical = printCanonical(expression);
      const again = printCanonical(parseSExpression(toBytes(printAdvanced(expression))));
      return printCanonical(parse(canonical)) === canonical && again === canonical;
    }),
    { numRuns: 1000 },
  );
});

t.test('arbitrary text is an expression or a fault', async () => {
  const unit = fc.constantFrom('(', ')', '"', '#', '|', '3:', 'a', '\\', ' ', '1', '\n', '[', '=', 'é');
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 20 }),
      (text) => refusal(text) !== undefined || printCanonical(parse(text)) !== '',
    ),
    { numRuns: 5000 },
  );
});
