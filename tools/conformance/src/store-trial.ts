/** One store under test, as its scenarios use it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type PathInfo, type Preparation, storeContract } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import { hashBytes } from '@cooper/hash';
import { type Client, connect } from '@cooper/ipc';
import { addGraph, derivation, makeGraph, targetOf } from '@cooper/recipe';
import type { StorePath } from '@cooper/store-path';
import type { Place } from './place.ts';
import type { Scenario } from './scenario.ts';
import type { Subject } from './subject.ts';
import { sendArchive } from './tickets.ts';
import { must, shown, Violation } from './violation.ts';

export type Store = Client<typeof storeContract>;
export type Prepared = Extract<Preparation, { status: 'prepared' }>;

/** The root of a sandbox, below the directory that the store prepared. */
const rootName = Buffer.from('root');

/** Makes a scenario of a store. */
export type StoreScenario = (
  name: string,
  about: string,
  run: (trial: StoreTrial) => Promise<void>,
) => Scenario<unknown>;

let last = 0;

export class StoreTrial {
  readonly place: Place;
  readonly store: Store;

  private constructor(place: Place, store: Store) {
    this.place = place;
    this.store = store;
  }

  static async open(place: Place, { stream }: Subject): Promise<StoreTrial> {
    return new StoreTrial(place, await connect(storeContract, stream, { client: 'conformance' }));
  }

  /** Text that no other scenario has: stores outlive scenarios. */
  fresh(): string {
    return `trial ${++last} of process ${process.pid}`;
  }

  async addText(name: string, contents: string, references: readonly StorePath[] = []): Promise<StorePath> {
    const text = { name, contents: Buffer.from(contents), references: [...references] };
    const { paths } = await this.store.call('addTexts', { texts: [text] });
    return paths[0] as StorePath;
  }

  async addTree(name: string, archive: Uint8Array, recursive = true): Promise<PathInfo> {
    const wish = { name, recursive, hashAlgorithm: 'sha256' };
    const { info } = await this.store.call('addTree', wish, { onItem: (ticket) => sendArchive(ticket, archive) });
    return info;
  }

  async isValid(path: StorePath): Promise<boolean> {
    return (await this.store.call('queryValidPaths', { paths: [path] })).paths.includes(path);
  }

  async info(path: StorePath): Promise<PathInfo> {
    const [info] = (await this.store.call('queryPathInfos', { paths: [path] })).infos;
    must(info !== null && info !== undefined, `nothing is known of ${path}`);
    return info;
  }

  /** Adds a derivation of one output; gives the paths of both. */
  async addDerivation(name: string): Promise<{ readonly path: StorePath; readonly output: StorePath }> {
    const item = derivation({ name, builder: '/bin/sh', args: [this.fresh()] });
    const graph = makeGraph(this.place.store, [item], () => hashBytes('sha256', Buffer.alloc(0)));
    const sendTree = () => Promise.reject(new Error('there are no sources'));
    await addGraph(graph, { store: this.store, sendTree });
    const path = targetOf(graph, item).replace(/!.*$/, '') as StorePath;
    const output = graph.derivations.get(path)?.outputs.get('out')?.path;
    must(output !== undefined, 'the derivation has no output');
    return { path, output };
  }

  async prepare(path: StorePath): Promise<Prepared> {
    const preparation = await this.store.call('prepareBuild', { derivation: path, mode: 'normal' });
    must(preparation.status === 'prepared', `the build is not prepared, but ${preparation.status}`);
    return preparation;
  }

  /** Puts a file where a builder with a root of its own makes `output`. */
  makeOutput({ directory }: Prepared, output: StorePath, contents: string): void {
    const file = `${Buffer.from(directory)}/${rootName}${output}`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }

  async register({ build }: Prepared) {
    return this.store.call('registerOutputs', { build, root: rootName });
  }
}

/** Waits for `work`, which must fail with one of these codes. */
export async function mustRefuse(work: Promise<unknown>, codes: readonly string[], what: string): Promise<void> {
  const result = await work.catch((error: unknown) => error);
  if (!isFault(result)) throw new Violation(`${what} was not refused: ${shown(result)}`);
  must(codes.includes(result.code), `${what} was refused with ${result.code}, not ${codes.join(' or ')}`);
}
