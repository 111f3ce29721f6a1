/** Examples of the store's calls about builds. */
import type { storeContract } from '@cooper/contracts';
import type { Examples } from './example.ts';
import { bytes, hello, helloDerivation, helloInfo, helloOutput, libc, ticket, time } from './samples.ts';

type Calls =
  | 'prepareBuild'
  | 'registerOutputs'
  | 'deliverOutputs'
  | 'abandonBuild'
  | 'checkContents'
  | 'queryFailedPaths'
  | 'addFailedPaths'
  | 'clearFailedPaths';

export const storeBuildExamples: Pick<Examples<typeof storeContract>, Calls> = {
  prepareBuild: {
    params: { derivation: helloDerivation, mode: 'normal' },
    result: {
      status: 'prepared',
      build: 7,
      directory: bytes('/gnu/store/.cooper/build-7'),
      contents: bytes('Derive([("out",…'),
      inputs: [libc],
      missing: [helloOutput],
      valid: [],
      redirected: [],
    },
  },
  registerOutputs: {
    params: { build: 7, root: bytes('root'), owner: 30_001 },
    result: { status: 'registered', infos: [helloInfo] },
  },
  deliverOutputs: {
    params: { derivation: helloDerivation },
    items: [ticket],
    result: { storeDirectory: bytes('delivered'), paths: [hello] },
  },
  abandonBuild: { params: { build: 7 }, result: {} },
  checkContents: { params: { paths: [libc, hello] }, result: { corrupt: [hello] } },
  queryFailedPaths: {
    params: { paths: [hello] },
    result: { failures: [{ path: hello, time, cause: 'the builder failed with exit code 1' }] },
  },
  addFailedPaths: { params: { failures: [{ path: hello, cause: 'the builder failed with exit code 1' }] }, result: {} },
  clearFailedPaths: { params: {}, result: {} },
};
