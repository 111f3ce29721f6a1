/** Examples of the substitute contract. */
import type { substituteContract } from '@cooper/contracts';
import type { Examples } from './example.ts';
import { absent, hello, helloDerivation, libc, narHash, narinfo, smallNar, ticket, url } from './samples.ts';

const info = {
  path: hello,
  deriver: helloDerivation,
  references: [libc],
  downloadSize: 51_234,
  narHash,
  narSize: 226_560,
  narinfo,
  url,
};

export const substituteExamples: Examples<typeof substituteContract> = {
  query: { params: { paths: [absent, hello] }, result: { infos: [null, info] } },
  fetch: {
    params: { path: hello, narinfo, url, ticket },
    items: [
      { event: 'downloading', url: `${url}/nar/zstd/hello`, size: 51_234 },
      { event: 'progress', transferred: 51_234 },
    ],
    result: { outcome: { status: 'fetched', url, transferred: 51_234, narHash, narSize: 226_560 } },
  },
  fetchSmall: {
    params: { wishes: [{ path: hello, narinfo, url }] },
    items: [
      {
        tells: 'end',
        path: hello,
        outcome: { status: 'fetched', url, transferred: smallNar.length, narHash, narSize: smallNar.length },
        archive: smallNar,
      },
    ],
    result: {},
  },
};
