import type { PathInfo } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { referencesFirst } from './reference-order.ts';

const path = (name: string) => `/gnu/store/${'0'.repeat(32)}-${name}` as StorePath;

function info(name: string, ...references: readonly string[]): PathInfo {
  const facts = { narHash: 'sha256:0', narSize: 1, deriver: null, registrationTime: 1 };
  return { path: path(name), references: references.map(path), ...facts };
}

const names = (infos: readonly PathInfo[]) => infos.map((found) => found.path.slice(-1)).join('');

t.test('references come first, once, and bring what they need', async (t) => {
  const infos = [info('a', 'b', 'c', 'a'), info('b', 'c'), info('c', 'elsewhere'), info('d')];
  t.equal(names(referencesFirst(infos, [path('a')])), 'cba');
  t.equal(names(referencesFirst(infos, [path('d'), path('b'), path('c')])), 'dcb');
  t.equal(names(referencesFirst(infos, [path('elsewhere')])), '');
});
