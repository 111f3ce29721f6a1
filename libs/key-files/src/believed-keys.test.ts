import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyAccessList, makeSecretKey, printAdvanced } from '@cooper/signature';
import t from 'tap';
import { BelievedKeys } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'key-files-'));
t.teardown(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

t.test('the list counts, else the own key, else nobody; each is read anew when it changes', async (t) => {
  const keys = new BelievedKeys(folder);
  t.equal(keys.read(), emptyAccessList);

  write('signing-key.pub', printAdvanced(makeSecretKey(new Uint8Array(32).fill(1)).public));
  const own = keys.read();
  t.not(own, emptyAccessList);
  t.equal(keys.read(), own, 'it is parsed once');

  write('acl', '(acl)');
  t.notSame(keys.read(), own);

  write('acl', '(acl');
  t.throws(() => keys.read(), { code: 'invalid-access-list' });
  t.throws(() => keys.read(), { code: 'invalid-access-list' }, 'a second time, too');

  rmSync(join(folder, 'acl'));
  t.equal(keys.read(), own);
});
