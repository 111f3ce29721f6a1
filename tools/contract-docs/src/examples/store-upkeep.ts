/** Examples of the store's calls about its long life. */
import type { storeContract } from '@cooper/contracts';
import type { Examples } from './example.ts';
import { bytes, hello, libc, narHash, otherHash, ticket } from './samples.ts';

type Calls =
  | 'addLeases'
  | 'releaseLeases'
  | 'openChannel'
  | 'addUserProfile'
  | 'addIndirectRoot'
  | 'findRoots'
  | 'collectGarbage'
  | 'verify'
  | 'optimise'
  | 'vacuum';

export const storeUpkeepExamples: Pick<Examples<typeof storeContract>, Calls> = {
  addLeases: { params: { paths: [hello] }, result: {} },
  releaseLeases: { params: {}, result: {} },
  openChannel: { params: {}, items: [ticket], result: {} },
  addUserProfile: { params: { name: 'ada', uid: 1000 }, result: {} },
  addIndirectRoot: { params: { file: bytes('/home/ada/result') }, result: {} },
  findRoots: {
    params: {},
    result: { roots: [{ name: bytes('/home/ada/result'), path: hello, kind: 'indirect' }] },
  },
  collectGarbage: {
    params: { action: 'delete-dead', maxFreed: 1_000_000_000 },
    items: [{ paths: [libc], bytesFreed: 40_000_000 }],
    result: { bytesFreed: 40_000_000 },
  },
  verify: {
    params: { contents: true },
    items: [
      { event: 'corrupt', path: hello, expected: narHash, actual: otherHash },
      { event: 'progress', checked: 2, total: 2 },
    ],
    result: { checked: 2, missing: 0, corrupt: 1 },
  },
  optimise: {
    params: {},
    items: [{ checked: 2, total: 2, bytesFreed: 4096 }],
    result: { filesLinked: 1, bytesFreed: 4096 },
  },
  vacuum: { params: {}, result: { before: 1_048_576, after: 524_288 } },
};
