/** Questions to the store: what is valid, what is known of it, what leads to what. */
import { method, streamingMethod } from './contract.ts';
import { boolean, bytes, list, literal, nullable, optional, record, type Static, text } from './schema.ts';
import { nothing, output, outputName, pathInfo, paths, storePath, storePaths } from './vocabulary.ts';

/** A derivation in the store: its bytes, or nil when the path is not valid, and which of its outputs are. */
export const storedDerivation = record({
  path: storePath,
  contents: nullable(bytes()),
  validOutputs: list(outputName),
});

export const storeQueries = {
  queryPathInfos: method({
    about: 'Tell what is known of each path; nil for those that are not valid. In the order asked.',
    params: paths,
    result: record({ infos: list(nullable(pathInfo)) }),
  }),
  queryValidPaths: method({
    about: 'Tell which of these paths are valid.',
    params: paths,
    result: paths,
  }),
  queryAllValidPaths: streamingMethod({
    about: 'Stream every valid path, sorted.',
    params: nothing,
    item: paths,
    result: nothing,
  }),
  queryReferrers: method({
    about: 'Tell which valid paths refer to each path. In the order asked.',
    params: paths,
    result: record({ referrers: list(storePaths) }),
  }),
  queryDerivers: method({
    about: 'Tell the valid derivations that have each path as an output. In the order asked.',
    params: paths,
    result: record({ derivers: list(storePaths) }),
  }),
  queryClosure: method({
    about: 'Tell everything reachable from these paths, themselves included, references before referrers.',
    params: record({
      paths: storePaths,
      direction: optional(literal('references', 'referrers')),
      /** Also follow derivations to those of their outputs that are valid. */
      includeOutputs: optional(boolean()),
    }),
    result: paths,
    errors: ['path-not-valid'],
  }),
  queryPathFromHashPart: method({
    about: 'Find the valid path with this hash part.',
    params: record({ hashPart: text({ pattern: /^[0-9a-df-np-sv-z]{32}$/, maxLength: 32 }) }),
    result: record({ path: nullable(storePath) }),
  }),
  queryDerivations: method({
    about: 'Give the bytes of derivations and which of their outputs are valid. In the order asked.',
    params: paths,
    result: record({ derivations: list(storedDerivation) }),
  }),
  queryDerivationOutputs: method({
    about: 'Tell the outputs of each derivation as the database has them; none for what is no valid derivation.',
    params: paths,
    result: record({ outputs: list(list(output)) }),
  }),
};

export type StoredDerivation = Static<typeof storedDerivation>;
