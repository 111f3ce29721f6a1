import t from 'tap';
import { readGoldenBundle } from '../../../test/support/golden.ts';
import { authorise, emptyAccessList, findAuthorised, parseAccessList, parsePublicKey, printAdvanced } from './index.ts';

const files = readGoldenBundle('narinfo/guix.tar.zst');
const file = (name: string) => files.get(`keys/${name}`) ?? Buffer.of();
const acl = file('acl').toString();
const [signing, other] = ['signing-key.pub', 'other-key.pub'].map((name) => parsePublicKey(file(name)).expression);
if (signing === undefined || other === undefined) throw new Error('keys are missing');
const authorised = (text: string) => {
  const list = parseAccessList(Buffer.from(text));
  return [signing, other].map((key) => findAuthorised(list, key) !== undefined);
};

t.test("a list of Guix's is read, and written as Guix writes it", async (t) => {
  t.same(authorised(acl), [true, true]);
  const made = authorise(authorise(emptyAccessList, signing), other);
  t.equal(printAdvanced(made.expression), acl);
  t.equal(authorise(made, signing), made, 'nothing comes twice');
  t.same(authorised('(acl)'), [false, false]);
});

t.test('only entries that say so authorise a key', async (t) => {
  t.same(authorised(acl.replaceAll('guix import', 'guix export')), [false, false]);
  t.same(authorised(acl.replaceAll('guix import', 'guix import more')), [false, false]);
  t.same(authorised(acl.replace('(guix import)', '')), [true, false]);
  t.same(authorised(acl.replace('(entry', '(entry (not)')), [true, false]);
  t.same(authorised(acl.replace('(curve Ed25519)', '(curve Ed448)')), [true, false]);
});

t.test('what is no list', async (t) => {
  for (const text of ['', 'acl', '(acls)', '((acl))', acl.slice(0, -3), `${acl}x`]) {
    t.throws(() => parseAccessList(Buffer.from(text)), { code: 'invalid-access-list' }, text.slice(0, 20));
  }
  t.throws(() => authorise(emptyAccessList, ['x' as never]), { code: 'invalid-key' });
});
