/** Narinfos that the store signs: who has authorised its keys believes them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { toBytes } from '@cooper/byte-string';
import { parseNarinfo, printNarFiles } from '@cooper/narinfo';
import {
  authorise,
  emptyAccessList,
  judgeNarinfo,
  makeSecretKey,
  parseNixPublicKey,
  parseSecretKey,
  printAdvanced,
} from '@cooper/signature';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { freshNixKey } from './caches.ts';
import { addText } from './recipes.ts';
import { codeOf, openStore } from './running-store.ts';

t.test('signed by the keys that there are', async (t) => {
  const { client, place } = await openStore(t);
  const lower = await addText(client, 'lower', 'contents');
  const upper = await addText(client, 'upper', lower, [lower]);
  const missing = `${place.storeDir}/${'0'.repeat(32)}-missing` as StorePath;
  const paths = [upper, missing, lower];
  t.equal(await codeOf(client.call('signNarinfos', { paths })), 'no-signing-key');
  const [directory, nix, { secret }] = [`${place.stateDir}/etc`, freshNixKey(), makeSecretKey(Buffer.alloc(32, 3))];
  const key = parseSecretKey(toBytes(printAdvanced(secret))).publicKey.expression;
  const guixTrust = { accessList: authorise(emptyAccessList, key), nixKeys: [] };
  const nixTrust = { accessList: emptyAccessList, nixKeys: [parseNixPublicKey(nix.public)] };
  const verdicts = async () => {
    const { narinfos } = await client.call('signNarinfos', { paths });
    return narinfos.map((head) => {
      if (head === null) return null;
      const text = Buffer.concat([head, printNarFiles([{ url: 'nar/x', compression: 'none' }])]);
      const narinfo = parseNarinfo(place.storeDir, text);
      return [narinfo.path, narinfo.references, judgeNarinfo(narinfo, guixTrust), judgeNarinfo(narinfo, nixTrust)];
    });
  };
  const expected = (...verdicts: string[]) => [[upper, [lower], ...verdicts], null, [lower, [], ...verdicts]];
  mkdirSync(directory);
  writeFileSync(`${directory}/signing-key.sec`, printAdvanced(secret), { mode: 0o400 });
  t.strictSame(await verdicts(), expected('authorised', 'unauthorized-key'));
  writeFileSync(`${directory}/nix-signing-key.sec`, `${nix.secret}\n`, { mode: 0o400 });
  t.strictSame(await verdicts(), expected('authorised', 'authorised'));
  rmSync(`${directory}/signing-key.sec`);
  t.strictSame(await verdicts(), expected('unauthorized-key', 'authorised'));
});
