import { isDeepStrictEqual } from 'node:util';
import { isFault } from '@cooper/fault';
import fc from 'fast-check';
import t from 'tap';
import { arbitraryDerivation, arbitraryStoreDir, inOrder } from '../../../test/support/arbitrary-derivation.ts';
import { maxSize } from './aterm-reader.ts';
import { type Derivation, parseDerivation, printDerivation } from './index.ts';

const storeDir = '/gnu/store';
const item = (digit: string, name: string) => `${storeDir}/${digit.repeat(32)}-${name}`;
const out = `("out","${item('0', 'x')}","","")`;
const zeros = '0'.repeat(64);

interface Parts {
  readonly outputs?: string;
  readonly inputs?: string;
  readonly sources?: string;
  readonly args?: string;
  readonly env?: string;
}

/** The text of a derivation, some parts of which are as given. */
function text({ outputs = out, inputs = '', sources = '', args = '', env = '' }: Parts): string {
  return `Derive([${outputs}],[${inputs}],[${sources}],"x86_64-linux","/bin/sh",[${args}],[${env}])`;
}

const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const parse = (text: string) => parseDerivation(bytesOf(text), { storeDir, path: 'x.drv' });

t.test('all parts are read', async (t) => {
  const derivation = parse(
    text({
      outputs: `("doc","${item('1', 'x-doc')}","",""),${out}`,
      inputs: `("${item('2', 'a.drv')}",["doc","out"]),("${item('3', 'b.drv')}",[])`,
      sources: `"${item('4', 's')}","${item('5', 's')}"`,
      args: '"-c","a\\"b\\\\c\\nd\\re\\tf","","\xff\0"',
      env: '("","empty"),("__proto__","p"),("out","")',
    }),
  );
  t.same(
    [...derivation.outputs],
    [
      ['doc', { path: item('1', 'x-doc'), hashAlgo: '', hash: '' }],
      ['out', { path: item('0', 'x'), hashAlgo: '', hash: '' }],
    ],
  );
  t.same(
    [...derivation.inputDerivations],
    [
      [item('2', 'a.drv'), ['doc', 'out']],
      [item('3', 'b.drv'), []],
    ],
  );
  t.same(derivation.inputSources, [item('4', 's'), item('5', 's')]);
  t.equal(derivation.system, 'x86_64-linux');
  t.equal(derivation.builder, '/bin/sh');
  t.same(derivation.args, ['-c', 'a"b\\c\nd\re\tf', '', '\xff\0']);
  t.same(
    [...derivation.env],
    [
      ['', 'empty'],
      ['__proto__', 'p'],
      ['out', ''],
    ],
  );
});

const fixed = (hashAlgo: string, hash: string, name = 'out') =>
  `("${name}","${item('0', 'x')}","${hashAlgo}","${hash}")`;

t.test('a derivation may have no outputs: it is a description only', async (t) => {
  const { outputs } = parse(text({ outputs: '' }));
  t.equal(outputs.size, 0);
});

t.test('what is refused, why, and where', async (t) => {
  const cases: [string, string, string?][] = [
    ['', "expected string `Derive(['"],
    ['Derive(', "expected string `Derive(['"],
    [text({ outputs: `${out}${out}` }), "expected string `]'"],
    [text({ outputs: `${out},${out}` }), 'its outputs are repeated'],
    [text({ outputs: `${out},${out.replace('out', 'doc')}` }), 'its outputs are not sorted'],
    [text({ outputs: out.replace('out', '') }), "invalid name `': it is empty"],
    [text({ outputs: out.replace('out', 'a/b') }), 'invalid name `a/b\': it contains "/"'],
    [text({ outputs: out.replace('out', '.') }), "invalid name `.': it begins with a dot"],
    [text({ outputs: out.replace('/gnu', '/nix') }), 'is not a store path: it is not in the store (/gnu/store)'],
    [text({ outputs: fixed('', '', 'doc').replace(/\/gnu[^"]*/, '') }), 'known after the build only', 'unsupported'],
    [text({ outputs: fixed('r:sha256', '') }), 'known after the build only', 'unsupported'],
    [text({ outputs: fixed('r:sha256', 'impure') }), 'known after the build only', 'unsupported'],
    [text({ outputs: fixed('', zeros) }), "unknown hash algorithm `'"],
    [text({ outputs: fixed('sha3', zeros) }), "unknown hash algorithm `sha3'"],
    [text({ outputs: fixed('r:r:sha256', zeros) }), "unknown hash algorithm `r:sha256'"],
    [text({ outputs: fixed('text:sha256', zeros) }), "unknown hash algorithm `text:sha256'"],
    [text({ outputs: fixed('__proto__', zeros) }), "unknown hash algorithm `__proto__'"],
    [text({ outputs: fixed('sha256', zeros.slice(1)) }), 'is not 64 lower-case hexadecimal digits'],
    [text({ outputs: fixed('sha256', zeros.replace('0', 'A')) }), 'is not 64 lower-case hexadecimal digits'],
    [text({ outputs: fixed('sha256', zeros.replace('0', 'g')) }), 'is not 64 lower-case hexadecimal digits'],
    [text({ outputs: fixed('sha256', zeros, 'doc') }), "only a single output called `out' may have one"],
    [
      text({ outputs: `${fixed('', '', 'doc')},${fixed('sha256', zeros)}` }),
      "only a single output called `out' may have one",
    ],
    [text({ inputs: `("${item('2', 'a')}",["out"])` }), 'does not end in .drv'],
    [text({ inputs: `("${item('2', 'a.drv')}/x",["out"])` }), 'is not a store path: it is not directly in the store'],
    [text({ inputs: `("${item('2', 'a.drv')}",["out","doc"])` }), 'output names of an input derivation are not sorted'],
    [text({ inputs: `("${item('2', 'a.drv')}",["out","out"])` }), 'output names of an input derivation are repeated'],
    [text({ inputs: `("${item('2', 'a.drv')}",["!"])` }), "invalid name `!'"],
    [
      text({ inputs: `("${item('3', 'a.drv')}",["out"]),("${item('2', 'a.drv')}",["out"])` }),
      'its input derivations are not sorted',
    ],
    [text({ sources: `"${item('5', 's')}","${item('4', 's')}"` }), 'its input sources are not sorted'],
    [text({ sources: `"${item('5', 's')}","${item('5', 's')}"` }), 'its input sources are repeated'],
    [text({ sources: '"/etc/passwd"' }), 'is not a store path'],
    [text({ env: '("b",""),("a","")' }), 'its environment variables are not sorted'],
    [text({ env: '("a",""),("a","")' }), 'its environment variables are repeated'],
    [text({ env: '("a")' }), "expected string `,'"],
    [text({ env: '("a","","")' }), "expected string `)'"],
    [text({ env: '("a",""),' }), "expected string `('"],
    [text({ args: '"a" ,"b"' }), "expected string `]'"],
    [text({ args: '"a",,"b"' }), 'expected string `"\''],
    [text({ args: '"a"b"' }), "expected string `]'"],
    [text({ args: '"\\e"' }), 'a character is escaped that needs no escape'],
    [text({ args: '"\\\0"' }), 'a character is escaped that needs no escape'],
    [text({ args: '"a\tb"' }), 'a line end or tab is not escaped'],
    [text({ args: '"\\"\n"' }), 'a line end or tab is not escaped'],
    [`${text({})}\n`, 'there are bytes after its end'],
    [`${text({})}\0`, 'there are bytes after its end'],
    [text({}).slice(0, -1), "expected string `)'"],
    [`Derive(["`, "expected string `('"],
    [`Derive([("out`, 'the file ends within a string'],
    [`Derive([("out\\`, 'the file ends within a string'],
    [`Derive([("out\\"`, 'the file ends within a string'],
  ];
  for (const [text, reason, code = 'invalid'] of cases) {
    t.throws(() => parse(text), { code: `${code}-derivation`, message: reason, facts: { path: 'x.drv' } }, text);
  }
});

t.test('faults name the place', async (t) => {
  const places: [string, number][] = [
    ['Derive[', 0],
    [`Derive([(out`, 9],
    [text({ args: '"\\q"' }), text({}).indexOf('[],[])') + 2],
    [text({ args: '"12\n"' }), text({}).indexOf('[],[])') + 4],
    [`${text({})}?`, text({}).length],
  ];
  for (const [text, position] of places) {
    t.throws(() => parse(text), { message: `(at byte ${position})`, facts: { position } }, text);
  }
  t.throws(() => parseDerivation(bytesOf('x'), { storeDir }), { message: /^error parsing derivation: / });
  t.throws(() => parse('x'), { message: /^error parsing derivation `x\.drv': expected string `Derive\(\[' / });
});

t.test('a file that is too large is not read', async (t) => {
  const bytes = new Uint8Array(maxSize + 1);
  t.throws(() => parseDerivation(bytes, { storeDir }), {
    code: 'invalid-derivation',
    message: /more than 268435456 bytes/,
  });
});

t.test('S52: cut off at each byte', async (t) => {
  const whole = text({ inputs: `("${item('2', 'a.drv')}",["out"])`, args: '"a\\"b\\n"', env: '("a","\\t")' });
  t.doesNotThrow(() => parse(whole));
  for (let length = 0; length < whole.length; length++) {
    t.throws(() => parse(whole.slice(0, length)), { code: 'invalid-derivation' });
  }
});

const print = (derivation: Derivation) => printDerivation(derivation);

t.test('what is printed is read as it was', async () => {
  fc.assert(
    fc.property(arbitraryDerivation, (derivation) => {
      const read = parseDerivation(print(derivation), { storeDir: arbitraryStoreDir });
      return isDeepStrictEqual(entries(read), entries(inOrder(derivation)));
    }),
    { numRuns: 300 },
  );
});

/** Maps as lists: their order counts, and no name is special. */
function entries(derivation: Derivation): unknown {
  const { outputs, inputDerivations, env } = derivation;
  return { ...derivation, outputs: [...outputs], inputDerivations: [...inputDerivations], env: [...env] };
}

t.test('bytes either are the print of what they say or are refused', async () => {
  const piece = fc.oneof(
    fc.constantFrom('"', '\\', ',', '(', ')', '[', ']', '\n', '\0', 'Derive(', '"",', '("","")', '\\"', '\\n'),
    fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(3), piece });
  fc.assert(
    fc.property(arbitraryDerivation, fc.array(change, { minLength: 1, maxLength: 3 }), (derivation, changes) => {
      let text = print(derivation).toString('latin1');
      for (const { at, drop, piece } of changes) {
        const place = Math.floor(at * text.length);
        text = text.slice(0, place) + piece + text.slice(place + drop);
      }
      return isCanonicalOrRefused(bytesOf(text));
    }),
    { numRuns: 1500 },
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => isCanonicalOrRefused(bytes)));
});

function isCanonicalOrRefused(bytes: Uint8Array): boolean {
  try {
    return print(parseDerivation(bytes, { storeDir: arbitraryStoreDir })).equals(bytes);
  } catch (error) {
    return isFault(error, 'invalid-derivation') || isFault(error, 'unsupported-derivation');
  }
}

t.test('S52: time is in proportion to the bytes, whatever they are', async (t) => {
  const size = 1 << 20;
  const hostile: Record<string, string> = {
    'no end of a string': `Derive([("${'x'.repeat(size)}`,
    'no end of a string of escapes': `Derive([("${'\\"'.repeat(size / 2)}`,
    'nothing but backslashes': `Derive([("${'\\'.repeat(size)}`,
    'strings without end of the list': text({ args: '"",'.repeat(size / 3) }),
    'escapes in every string': text({ args: '"\\"",'.repeat(size / 5) }),
    'one backslash at the end': text({ args: `${'"",'.repeat(size / 3)}"\\q"` }),
    'one line end at the end': text({ args: `${'"",'.repeat(size / 3)}"\n"` }),
    'nested brackets': 'Derive(['.repeat(size / 8),
    'open brackets': `Derive([${'['.repeat(size)}`,
  };
  for (const [what, text] of Object.entries(hostile)) {
    const bytes = bytesOf(text);
    const start = performance.now();
    t.throws(() => parseDerivation(bytes, { storeDir }), { code: 'invalid-derivation' }, what);
    // A quadratic reader would take minutes for a MiB; a linear one takes tens of milliseconds.
    t.ok(performance.now() - start < 2000, `${what}: in time`);
  }
});
