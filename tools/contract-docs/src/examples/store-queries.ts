/** Examples of the store's questions. */
import type { storeContract } from '@cooper/contracts';
import type { Examples } from './example.ts';
import { absent, bytes, hello, helloDerivation, helloInfo, helloOutput, libc } from './samples.ts';

type Questions = Pick<Examples<typeof storeContract>, Extract<keyof Examples<typeof storeContract>, `query${string}`>>;

export const storeQueryExamples: Omit<Questions, 'queryFailedPaths'> = {
  queryPathInfos: { params: { paths: [hello, absent] }, result: { infos: [helloInfo, null] } },
  queryValidPaths: { params: { paths: [hello, absent] }, result: { paths: [hello] } },
  queryAllValidPaths: { params: {}, items: [{ paths: [libc, hello] }], result: {} },
  queryReferrers: { params: { paths: [libc] }, result: { referrers: [[hello]] } },
  queryDerivers: { params: { paths: [hello] }, result: { derivers: [[helloDerivation]] } },
  queryClosure: { params: { paths: [hello] }, result: { paths: [libc, hello] } },
  queryPathFromHashPart: { params: { hashPart: 'h'.repeat(32) }, result: { path: hello } },
  queryDerivations: {
    params: { paths: [helloDerivation] },
    result: { derivations: [{ path: helloDerivation, contents: bytes('Derive([("out",…'), validOutputs: ['out'] }] },
  },
  queryDerivationOutputs: { params: { paths: [helloDerivation] }, result: { outputs: [[helloOutput]] } },
};
