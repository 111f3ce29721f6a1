/** What caches have in traces, and how fetches end there. */
import type { SubstituteInfo } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { FetchEnd } from '../src/core/event.ts';
import { pathOf } from './trace-derivation.ts';

const narHash = `sha256:${'0'.repeat(64)}`;

/** `app refs=lib,libc`; each is 100 bytes to fetch, and 300 unpacked. */
export function substituteInfo([name, ...words]: readonly string[]): SubstituteInfo {
  const references = words.find((word) => word.startsWith('refs='))?.slice('refs='.length) ?? '';
  return {
    path: pathOf(`${name}`),
    deriver: null,
    references: references
      .split(',')
      .filter((word) => word !== '')
      .map((word) => (word.startsWith('/') ? (word as StorePath) : pathOf(word))),
    downloadSize: 100,
    narHash,
    narSize: 300,
    narinfo: Buffer.from('narinfo'),
    url: 'http://cache',
  };
}

export function fetchEnd(verb: string, path: StorePath, [code, ...message]: readonly string[]): FetchEnd {
  if (verb === 'fetch-cancelled') return { status: 'cancelled' };
  if (verb === 'not-fetched') return { status: 'failed', code: `${code}`, message: message.join(' ') };
  const info = { path, narHash, narSize: 300, references: [], deriver: null, registrationTime: 1 };
  return { status: 'registered', info };
}
