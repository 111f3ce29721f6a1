/** `cooper store query`: what the store knows of its items. */
import type { PathInfo, storeContract } from '@cooper/contracts';
import { parseDerivation } from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import { formatPrefixedHash, parseHash } from '@cooper/hash';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import { exitStatus } from '../../core/exit-status.ts';
import { messages } from '../../core/messages.ts';
import { type Question, questionNames } from '../../core/store-questions.ts';
import { printLines } from '../output.ts';
import { withStore } from '../session.ts';
import type { Invocation } from '../setting-options.ts';
import { storeArgument } from '../store-argument.ts';

type Store = Client<typeof storeContract>;
type Answer = (store: Store, paths: readonly StorePath[], storeDir: string) => Promise<readonly string[]>;

/** The questions, by the names of their options. Each gives lines. */
const questions: Readonly<Record<Question, Answer>> = {
  references: eachInfo(({ references }) => references),
  deriver: eachInfo(({ deriver }) => [deriver ?? 'unknown-deriver']),
  hash: eachInfo(({ narHash }) => [formatPrefixedHash(parseHash(narHash), 'base32')]),
  size: eachInfo(({ narSize }) => [String(narSize)]),
  requisites: async (store, paths) => (await store.call('queryClosure', { paths: [...paths] })).paths,
  referrers: async (store, paths) => {
    const { referrers } = await store.call('queryReferrers', { paths: [...paths] });
    return [...new Set(referrers.flat())].sort();
  },
  outputs: async (store, paths, storeDir) => {
    const { derivations } = await store.call('queryDerivations', { paths: [...paths] });
    return derivations.flatMap(({ path, contents }) => {
      if (contents === null) throw notValid(path);
      const { outputs } = parseDerivation(contents, { storeDir, path });
      return [...outputs.values()].map((output) => output.path);
    });
  },
  valid: async (store, paths) => (await store.call('queryValidPaths', { paths: [...paths] })).paths,
};

/** Answers the one question that was asked. Gives the exit status. */
export async function query(
  words: readonly string[],
  asked: Partial<Record<Question, boolean>>,
  invocation: Invocation,
): Promise<number> {
  const [question, more] = questionNames.filter((name) => asked[name] === true);
  if (question === undefined || more !== undefined)
    throw new Fault('invalid-option', messages.oneQuestion(questionNames));
  const storeDir = invocation.settings.directories.store;
  const paths = words.map((word) => storeArgument(storeDir, word));
  const lines = await withStore(invocation, (store) => questions[question](store, paths, storeDir));
  await printLines(lines);
  return question === 'valid' && lines.length < new Set(paths).size ? exitStatus.failure : exitStatus.success;
}

function eachInfo(linesOf: (info: PathInfo) => readonly string[]): Answer {
  return async (store, paths) => {
    const { infos } = await store.call('queryPathInfos', { paths: [...paths] });
    return infos.flatMap((info, index) => {
      if (info === null) throw notValid(paths[index] ?? '');
      return linesOf(info);
    });
  };
}

function notValid(path: string): Fault {
  return new Fault('path-not-valid', messages.notValid(path), { path });
}
