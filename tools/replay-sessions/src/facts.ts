/** What a session tells of the store in which it took place: what was valid before it, and what it changed. */
import { parseDerivation } from '@cooper/derivation';
import type { Arguments, OperationName, Reply } from '@cooper/worker-protocol';
import type { Exchange } from './exchange.ts';

export interface Facts {
  /** Valid before the session. */
  readonly valid: ReadonlySet<string>;
  /** Not valid before it. */
  readonly invalid: ReadonlySet<string>;
  /** All that was valid, and nothing else. */
  readonly exactly: ReadonlySet<string> | undefined;
  readonly adds: ReadonlySet<string>;
  readonly removes: ReadonlySet<string>;
  /** What to do first where facts leave it open: sessions that need less come before those that need or destroy more. */
  readonly rank: number;
}

/** The outputs of the derivations that some session adds, by the path of the derivation. */
export type Outputs = ReadonlyMap<string, readonly string[]>;

/** Reads facts off the exchanges of one session. */
export class FactReader {
  readonly #outputs: Outputs;
  readonly #valid = new Set<string>();
  readonly #invalid = new Set<string>();
  readonly #adds = new Set<string>();
  readonly #removes = new Set<string>();
  #exactly: ReadonlySet<string> | undefined;
  #rank = 0;

  constructor(outputs: Outputs) {
    this.#outputs = outputs;
  }

  read(exchanges: readonly Exchange[]): Facts {
    for (const exchange of exchanges) {
      this.#rank = Math.max(this.#rank, rankOf(exchange));
      this.#readOne(exchange);
    }
    return {
      valid: this.#valid,
      invalid: this.#invalid,
      exactly: this.#exactly,
      adds: this.#adds,
      removes: this.#removes,
      rank: this.#rank,
    };
  }

  #readOne(exchange: Exchange): void {
    const { operation, wish, reply, error, text } = exchange;
    switch (operation) {
      case 'valid-path?':
        if (error === undefined) this.#note((wish as OnePath).path, reply === 1);
        break;
      case 'query-path-info':
      case 'query-path-hash':
      case 'query-references':
      case 'export-path':
        if (error === undefined || error.text.endsWith('is not valid')) {
          this.#note((wish as OnePath).path, error === undefined);
        }
        break;
      case 'query-referrers':
      case 'query-valid-derivers':
      case 'query-valid-paths':
        for (const path of (reply as string[] | undefined) ?? []) this.#note(path, true);
        break;
      case 'query-all-valid-paths':
        this.#exactly = new Set(reply as string[]);
        break;
      case 'add-text-to-store':
      case 'add-to-store':
      case 'import-paths':
        for (const path of [reply ?? []].flat() as string[]) this.#adds.add(path);
        break;
      case 'build-things':
        this.#readBuild((wish as Arguments<'build-things'>).targets, text, error === undefined);
        break;
      case 'ensure-path':
        if (!text.includes('@ substituter')) this.#note((wish as OnePath).path, error === undefined);
        this.#readTrace(text);
        break;
      case 'collect-garbage':
        this.#readCollection(wish as Arguments<'collect-garbage'>, reply as Reply<'collect-garbage'> | undefined);
        break;
    }
  }

  /** What the session itself has added before was not there before it. */
  #note(path: string, isValid: boolean): void {
    if (this.#adds.has(path) || this.#removes.has(path)) return;
    (isValid ? this.#valid : this.#invalid).add(path);
  }

  #readBuild(targets: readonly string[], text: string, isSuccess: boolean): void {
    for (const target of targets) {
      const [derivation = ''] = target.split('!');
      if (derivation.endsWith('.drv')) this.#note(derivation, true);
      const outputs = this.#outputs.get(derivation) ?? [];
      if (!text.includes('@ ') && isSuccess) for (const output of outputs) this.#note(output, true);
    }
    this.#readTrace(text);
  }

  #readTrace(text: string): void {
    const isCheck = text.includes('rewriting hashes');
    for (const [, path = ''] of text.matchAll(/^@ substituter-succeeded (\S+)/gm)) this.#change(path);
    for (const [, derivation = ''] of text.matchAll(/^@ build-succeeded (\S+)/gm)) {
      for (const output of this.#outputs.get(derivation) ?? []) {
        if (isCheck) this.#note(output, true);
        else this.#change(output);
      }
    }
  }

  #change(path: string): void {
    this.#note(path, false);
    this.#adds.add(path);
  }

  #readCollection(wish: Arguments<'collect-garbage'>, reply: Reply<'collect-garbage'> | undefined): void {
    for (const path of (reply?.paths ?? []).filter((name) => !name.endsWith('.lock'))) {
      this.#note(path, true);
      if (wish.action > 1) this.#removes.add(path);
    }
  }
}

interface OnePath {
  readonly path: string;
}

/** The outputs of what the exchanges add, where it is a derivation. */
export function outputsAmong(exchanges: readonly Exchange[]): [string, readonly string[]][] {
  return exchanges.flatMap(({ operation, wish, reply }) => {
    if (operation !== 'add-text-to-store' || typeof reply !== 'string' || !reply.endsWith('.drv')) return [];
    const { text } = wish as Arguments<'add-text-to-store'>;
    const storeDir = reply.slice(0, reply.lastIndexOf('/'));
    const { outputs } = parseDerivation(text, { storeDir, path: reply });
    return [[reply, Array.from(outputs.values(), ({ path }) => path)]];
  });
}

const ranks: Partial<Record<OperationName, number>> = {
  'add-to-store': 1,
  'add-text-to-store': 1,
  'build-things': 3,
  'query-path-info': 5,
  'query-references': 5,
  'query-referrers': 5,
  'query-valid-derivers': 5,
  'add-temp-root': 6,
  'add-indirect-root': 6,
  'find-roots': 6,
  'ensure-path': 7,
  'has-substitutes?': 7,
  'export-path': 8,
  'import-paths': 9,
  'verify-store': 10,
  'optimize-store': 10,
};

function rankOf({ operation, wish, text }: Exchange): number {
  if (operation === 'build-things')
    return text.includes('@ substituter') ? 7 : buildRank(wish as Arguments<'build-things'>);
  if (operation === 'collect-garbage') return collectionRank(wish as Arguments<'collect-garbage'>);
  return ranks[operation as OperationName] ?? 0;
}

function buildRank({ mode = 0 }: Arguments<'build-things'>): number {
  return mode === 0 ? 3 : 4;
}

/** Those that only look, then those of certain paths, then those of whatever is dead. */
function collectionRank({ action }: Arguments<'collect-garbage'>): number {
  return action < 2 ? 11 : action === 3 ? 12 : 13;
}
