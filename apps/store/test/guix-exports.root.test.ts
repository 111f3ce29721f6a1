/**
 * An export that `guix archive` made, into a store at `/gnu/store` and out of it again, byte for byte. Needs root, to have
 * such a directory without making one: the store sees a root of its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { readGoldenBundle } from '../../../test/support/golden.ts';
import { codeOf, openStore, receive, type StoreClient, StorePlace, send } from './running-store.ts';

t.setTimeout(120_000);

const skip = process.getuid?.() === 0 ? false : 'needs root: changes the root directory';
const files = readGoldenBundle('narinfo/guix.tar.zst');
const file = (name: string) => files.get(name) ?? Buffer.of();

/** What is on this machine, but for /gnu, which is the directory given first. */
const ownRoot = `
top=$1/top gnu=$1/gnu; shift
mkdir "$top"
mount -t tmpfs tmpfs "$top"
for entry in /*; do
  if [ "$entry" = /gnu ]; then continue
  elif [ -L "$entry" ]; then cp -P "$entry" "$top$entry"
  elif [ -d "$entry" ]; then mkdir "$top$entry"; mount --rbind "$entry" "$top$entry"
  fi
done
mkdir "$top/gnu"
mount --bind "$gnu" "$top/gnu"
exec chroot "$top" "$@"
`;

async function exportSigned(client: StoreClient, paths: readonly StorePath[]): Promise<Buffer> {
  const received: Promise<Buffer>[] = [];
  await client.call('exportPaths', { paths, sign: true }, { onItem: (ticket) => void received.push(receive(ticket)) });
  return received[0] ?? Buffer.alloc(0);
}

t.test('an export of three items, signed', { skip }, async (t) => {
  const place = new StorePlace(t);
  mkdirSync(`${place.root}/gnu`);
  mkdirSync(`${place.stateDir}/etc`, { recursive: true });
  const wrapper = ['unshare', '-m', 'sh', '-ec', ownRoot, 'sh', place.root];
  const { client } = await openStore(t, { place, wrapper, words: ['--store-dir=/gnu/store'] });
  const bytes = file('bundle/three-items.export');
  const take = () => client.call('importPaths', { allowUnsigned: false }, { onItem: (ticket) => send(ticket, bytes) });
  t.equal(await codeOf(take()), 'unauthorized-import');
  writeFileSync(`${place.stateDir}/etc/acl`, file('keys/acl'));
  writeFileSync(`${place.stateDir}/etc/signing-key.sec`, file('keys/signing-key.sec'));
  const { paths } = await take();
  t.strictSame(
    paths.map((path) => path.slice(44)),
    ['sub-lib-1.0', 'sub-app-1.0', 'sub-solo'],
  );
  t.ok((await exportSigned(client, paths)).equals(bytes), 'our export is the same');
});
