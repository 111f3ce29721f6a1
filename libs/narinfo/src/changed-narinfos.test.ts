/** Narinfos that somebody changed by hand: what Nix refuses is refused, and it is said what else is. */
import { isFault } from '@cooper/fault';
import fc from 'fast-check';
import t from 'tap';
import { readGoldenBundle } from '../../../test/support/golden.ts';
import { maxSize, parseNarinfo, printGuixNarinfo, printNixNarinfo } from './index.ts';

const variants = readGoldenBundle('narinfo/nix-variants.tar.zst');
const guix = readGoldenBundle('narinfo/guix.tar.zst');

interface Variants {
  readonly path: string;
  readonly variants: readonly { readonly file: string; readonly what: string; readonly pathInfo: string }[];
}

/** What Nix takes and a strict reader does not. */
const takenByNixOnly = new Set([
  'NAR size with +',
  'NarHash twice, the right one last', // Guix takes the first, Nix the last
  'NarHash twice, the wrong one last',
  'StorePath twice, second another',
  'Deriver twice',
  'sha1 NAR hash',
  'no References line', // Guix takes a narinfo without it as not signed
  'an empty line', // Nix passes over the field behind it
  'tab after the colon',
  'NUL in a field name',
  'double and trailing spaces',
]);

/** The one field that nobody here believes, so that nobody has to understand it. */
const refusedByNixOnly = new Set(['CA that does not parse']);

function refusal(bytes: Uint8Array, storeDir = '/nix/store'): string | undefined {
  try {
    parseNarinfo(storeDir, bytes);
    return undefined;
  } catch (error) {
    if (isFault(error, 'invalid-narinfo')) return error.message;
    throw error;
  }
}

t.test('variants with the verdict of Nix', async (t) => {
  const list = JSON.parse(variants.get('variants.json')?.toString() ?? '') as Variants;
  t.equal(list.variants.length, 82);
  for (const { file, what, pathInfo } of list.variants) {
    const message = refusal(variants.get(file) ?? Buffer.of());
    if (refusedByNixOnly.delete(what)) t.equal(message, undefined, what);
    else if (pathInfo === 'refused' || takenByNixOnly.delete(what)) t.ok(message, `${what}: ${message}`);
    else t.equal(message, undefined, what);
  }
  t.same([...takenByNixOnly, ...refusedByNixOnly], [], 'every exception occurs');
});

const app = guix.get('multi/root/20w23cb0gf31d634csf80wimw7c2m9r6.narinfo')?.toString() ?? '';
const above = app.slice(0, app.indexOf('Signature:'));
const [signature = ''] = /^Signature:.*\n/m.exec(app) ?? [];

t.test('S69: what is below the signature does not count', async (t) => {
  const parse = (text: string) => parseNarinfo('/gnu/store', Buffer.from(text));
  const plain = parse(app);
  t.same(parse(`${app}NarSize: 1\nDeriver: x\nReferences: ..\nSystem: i586-gnu\n${signature}Nonsense: y\n`), plain);
  for (const field of ['StorePath', 'NarHash', 'NarSize', 'References']) {
    const [line = ''] = new RegExp(`^${field}:.*\n`, 'm').exec(app) ?? [];
    t.match(refusal(Buffer.from(app.replace(line, '') + line), '/gnu/store'), `${field} is missing, or not signed`);
  }
  const [deriver = ''] = /^Deriver:.*\n/m.exec(app) ?? [];
  t.equal(parse(app.replace(deriver, '') + deriver).deriver, null);
  t.equal(Buffer.from(plain.guixSignature?.signed ?? []).toString(), above);
});

t.test('signatures that nobody can read', async (t) => {
  const changes = [
    ['Signature: 2;fixture;', 'Signature is of version 2, not 1'],
    ['Signature: fixture;', 'Signature is malformed'],
    ['Signature: 1;fixture;x;', 'Signature is malformed'],
    ['Signature: 1;fixture;!', 'Signature is not base64'],
    ['Signature:1;fixture;', "no blank follows `Signature:'"],
  ] as const;
  for (const [beginning, reason] of changes) {
    const changed = Buffer.from(app.replace('Signature: 1;fixture;', beginning));
    t.equal(refusal(changed, '/gnu/store'), `invalid narinfo: ${reason}`);
  }
});

t.test('S74: references and sizes that lead elsewhere', async (t) => {
  const lines = [
    'References: ..',
    'References: /etc/passwd',
    'References: ../../etc/passwd',
    'References: /gnu/store/qsqvr61lbdvzb7zpxpxm85kldzgi9f6v-sub-lib-1.0',
    'NarSize: 18446744073709551616',
    'NarSize: 0',
    'NarSize: 1e3',
    'NarSize: 09096',
    'StorePath: /gnu/store/../store/20w23cb0gf31d634csf80wimw7c2m9r6-sub-app-1.0',
  ];
  for (const line of lines) {
    const [field = ''] = line.split(':');
    t.ok(refusal(Buffer.from(app.replace(new RegExp(`^${field}:.*$`, 'm'), line)), '/gnu/store'), line);
  }
  const name = `${'a'.repeat(32)}-x`;
  const many = above.replace(/^References:.*$/m, `References: ${`${name} `.repeat(20_000).trim()}`);
  t.same(parseNarinfo('/gnu/store', Buffer.from(`${many}URL: x\n`)).references, [`/gnu/store/${name}`]);
  t.match(refusal(Buffer.alloc(maxSize + 1, 'a'), '/gnu/store'), 'it has more than');
});

t.test('arbitrary changes are refused, or read as something that is written and read again', async () => {
  const original = Buffer.from(app);
  const change = fc.record({
    at: fc.nat(original.length),
    remove: fc.nat(3),
    insert: fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('\n', 'URL: y\n', signature, 'Sig: a:b\n')),
  });
  fc.assert(
    fc.property(change, ({ at, remove, insert }) => {
      const end = original.subarray(at + remove);
      const changed = Buffer.concat([original.subarray(0, at), Buffer.from(insert), end]);
      if (refusal(changed, '/gnu/store') !== undefined) return true;
      const narinfo = parseNarinfo('/gnu/store', changed);
      const { guixSignature: _, ...facts } = parseNarinfo('/gnu/store', printNixNarinfo(narinfo));
      const { guixSignature, ...expected } = narinfo;
      const again = parseNarinfo('/gnu/store', printGuixNarinfo(narinfo));
      const sameText = Buffer.from(again.guixSignature?.expression ?? []).equals(
        guixSignature?.expression ?? Buffer.of(),
      );
      return sameText && JSON.stringify(facts) === JSON.stringify(expected);
    }),
    { numRuns: 3000 },
  );
});
