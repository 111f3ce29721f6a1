/** Examples of the calls by which items come into the store and leave it. */
import type { storeContract } from '@cooper/contracts';
import type { Examples } from './example.ts';
import { bytes, hello, helloInfo, libc, narHash, narinfo, smallNar, ticket } from './samples.ts';

type Calls =
  | 'addTexts'
  | 'addTree'
  | 'dumpPath'
  | 'exportPaths'
  | 'importPaths'
  | 'importSubstitute'
  | 'importSmallSubstitutes'
  | 'signNarinfos';

export const storeItemExamples: Pick<Examples<typeof storeContract>, Calls> = {
  addTexts: {
    params: { texts: [{ name: 'greeting', contents: bytes('hello\n'), references: [] }] },
    result: { paths: [hello] },
  },
  addTree: {
    params: { name: 'hello-2.12', recursive: true, hashAlgorithm: 'sha256' },
    items: [ticket],
    result: { info: { ...helloInfo, references: [], deriver: null } },
  },
  dumpPath: { params: { path: hello }, items: [ticket], result: { narHash, narSize: 226_560 } },
  exportPaths: { params: { paths: [libc, hello], sign: true }, items: [ticket], result: {} },
  importPaths: { params: { allowUnsigned: false }, items: [ticket], result: { paths: [libc, hello] } },
  importSubstitute: {
    params: { path: hello, narinfo, mode: 'normal' },
    items: [ticket],
    result: { info: helloInfo },
  },
  importSmallSubstitutes: {
    params: { substitutes: [{ path: hello, narinfo, archive: smallNar }] },
    items: [{ status: 'registered', info: helloInfo }],
    result: {},
  },
  signNarinfos: { params: { paths: [hello] }, result: { narinfos: [narinfo] } },
};
