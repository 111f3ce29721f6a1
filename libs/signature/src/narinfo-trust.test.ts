/** Narinfos of real caches, and those that somebody changed, judged with the keys that were to be trusted. */
import { isFault } from '@cooper/fault';
import { parseNarinfo } from '@cooper/narinfo';
import t from 'tap';
import { readGoldenBundle } from '../../../test/support/golden.ts';
import { emptyAccessList, judgeNarinfo, parseAccessList, parseNixPublicKey, type Trust } from './index.ts';

const nix = readGoldenBundle('narinfo/nix.tar.zst');
const variants = readGoldenBundle('narinfo/nix-variants.tar.zst');
const guix = readGoldenBundle('narinfo/guix.tar.zst');
const text = (files: ReadonlyMap<string, Buffer>, name: string) => files.get(name)?.toString() ?? '';

const nobody: Trust = { accessList: emptyAccessList, nixKeys: [] };
const guixTrust: Trust = { ...nobody, accessList: parseAccessList(Buffer.from(text(guix, 'keys/acl'))) };
const nixTrust: Trust = { ...nobody, nixKeys: [parseNixPublicKey(text(nix, 'keys/public-key').trim())] };
const otherTrust: Trust = { ...nobody, nixKeys: [parseNixPublicKey(text(nix, 'keys/other-public-key').trim())] };

interface Variants {
  readonly path: string;
  readonly variants: readonly { readonly file: string; readonly what: string; readonly substitute: string }[];
}

t.test('caches of Guix and Nix', async (t) => {
  const narinfos = [...nix, ...guix].filter(([name]) => name.endsWith('.narinfo'));
  t.equal(narinfos.length, 104);
  for (const [name, bytes] of narinfos) {
    const narinfo = parseNarinfo(name.startsWith('nix-') ? '/nix/store' : '/gnu/store', bytes);
    const byGuix = narinfo.guixSignature !== undefined;
    t.equal(judgeNarinfo(narinfo, byGuix ? guixTrust : nixTrust), 'authorised', name);
    for (const trust of [nobody, otherTrust, byGuix ? nixTrust : guixTrust]) {
      t.equal(judgeNarinfo(narinfo, trust), 'unauthorized-key');
    }
  }
});

/** Nix refuses them for where the archive is, or for a content address, which nobody here looks at. */
const otherReasons = /^(?:url-|compression-|ca-bad|ca-false\.)/;

t.test('changed narinfos: nothing is authorised that Nix does not take', async (t) => {
  const { variants: list } = JSON.parse(text(variants, 'variants.json')) as Variants;
  let authorised = 0;
  for (const { file, what, substitute } of list) {
    const verdict = judge(variants.get(file) ?? Buffer.of());
    if (verdict === 'authorised') authorised++;
    if (substitute === 'refused' && !otherReasons.test(file.slice('variants/'.length))) {
      t.not(verdict, 'authorised', `${what}: ${verdict}`);
    } else if (verdict !== 'refused') t.equal(verdict, 'authorised', what);
  }
  t.ok(authorised > 20, `${authorised} are`);
});

function judge(bytes: Uint8Array): string {
  try {
    return judgeNarinfo(parseNarinfo('/nix/store', bytes), nixTrust);
  } catch (error) {
    if (isFault(error, 'invalid-narinfo')) return 'refused';
    throw error;
  }
}

t.test("S69: Guix's narinfos that somebody changed", async (t) => {
  const app = text(guix, 'multi/root/20w23cb0gf31d634csf80wimw7c2m9r6.narinfo');
  const lib = text(guix, 'multi/root/qsqvr61lbdvzb7zpxpxm85kldzgi9f6v.narinfo');
  const signature = (narinfo: string) => /^Signature:.*$/m.exec(narinfo)?.[0] ?? '';
  const verdict = (narinfo: string) => judgeNarinfo(parseNarinfo('/gnu/store', Buffer.from(narinfo)), guixTrust);
  t.equal(verdict(app.replace('NarSize: 9096', 'NarSize: 9097')), 'hash-mismatch');
  t.equal(verdict(app.replace(signature(app), signature(lib))), 'hash-mismatch');
  t.equal(verdict(app.replace(`${signature(app)}\n`, '')), 'unsigned');
  t.equal(verdict(app.replace(signature(app), 'Signature: 1;fixture;AAAA')), 'corrupt-signature');
  t.equal(
    verdict(app.replace('URL: nar/gzip', 'URL: http://elsewhere/nar/gzip')),
    'authorised',
    'anybody may serve it',
  );
  t.equal(verdict(`${app}NarSize: 1\n`), 'authorised', 'what is below is not read');
});
