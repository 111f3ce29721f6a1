/** Cooper, with a supervisor of its own, asked over its contracts. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ByteString, fromText } from '@cooper/byte-string';
import { readSettings, type Settings } from '@cooper/config';
import type { TextItem } from '@cooper/contracts';
import {
  completeDerivation,
  computeDerivationPath,
  type Derivation,
  derivationReferences,
  HashModulo,
  printDerivation,
} from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import { openTable, type Table } from '@cooper/table';
import { execa } from 'execa';
import type { Added, Side, SideOptions } from './side.ts';
import type { Workload } from './workload.ts';

export const cooperProgram = fileURLToPath(new URL('../../../apps/cli/bin/cooper', import.meta.url));

/** How many texts are added by one call. */
const batch = 500;

export async function startCooper({ root, sandbox, maxJobs, deduplicates = true }: SideOptions): Promise<CooperSide> {
  const settings = readSettings({
    given: {
      'store-dir': `${root}/store`,
      'state-dir': `${root}/var`,
      'max-jobs': String(maxJobs),
      'sandbox-path': ['/bin', '/lib', '/lib64', '/usr'],
      ...(sandbox ? {} : { 'disable-chroot': true }),
      ...(deduplicates ? {} : { 'disable-deduplication': true }),
    },
    environment: {},
    uid: process.getuid?.() ?? 0,
  });
  return new CooperSide(settings, await openTable(settings, 'bench'));
}

export class CooperSide implements Side {
  readonly name = 'cooper';
  readonly #settings: Settings;
  readonly #table: Table;

  constructor(settings: Settings, table: Table) {
    this.#settings = settings;
    this.#table = table;
  }

  async add(workload: Workload): Promise<Added> {
    const store = await this.#table.store();
    const derivations = derivationsOf(workload, this.#settings.directories.store);
    const texts = derivations.map(({ text }) => text);
    for (let from = 0; from < texts.length; from += batch) {
      await store.call('addTexts', { texts: texts.slice(from, from + batch) });
    }
    const paths = derivations.map(({ path }) => path);
    return { derivations: paths, targets: workload.targets.map((index) => `${paths[index]}`) };
  }

  async build({ targets }: Added): Promise<void> {
    const scheduler = await this.#table.scheduler();
    const result = await scheduler.call('realise', { targets, mode: 'normal', options: {} });
    if (result.exitStatus !== 0)
      throw new Error(
        `cooper: ${result.results.find(({ message }) => message !== undefined)?.message ?? result.message}`,
      );
  }

  async plan({ targets }: Added): Promise<void> {
    const scheduler = await this.#table.scheduler();
    const options = { keepGoing: true };
    const { exitStatus } = await scheduler.call('realise', { targets, mode: 'normal', options });
    if (exitStatus === 0) throw new Error('cooper: something was built without a job');
  }

  /** Asks scheduler or store for nearly nothing: how long that takes tells for how long its event loop was busy. */
  async pulse(process: 'scheduler' | 'store'): Promise<void> {
    if (process === 'store') await (await this.#table.store()).call('queryValidPaths', { paths: [] });
    else await (await this.#table.scheduler()).call('cancel', { request: Number.MAX_SAFE_INTEGER });
  }

  /** The id of the supervisor, whose children the others are. */
  get supervisor(): number {
    return Number(readFileSync(`${this.#settings.directories.run}/supervisor.lock`, 'utf8'));
  }

  async dryRun({ targets }: Added): Promise<void> {
    const scheduler = await this.#table.scheduler();
    await scheduler.call('plan', { targets });
  }

  async collect(): Promise<void> {
    const store = await this.#table.store();
    await store.call('releaseLeases', {});
    await store.call('collectGarbage', { action: 'delete-dead' });
  }

  async addTree(path: string): Promise<void> {
    const { store, state } = this.#settings.directories;
    await execa(cooperProgram, ['store', 'add', path, '--store-dir', store, '--state-dir', state]);
  }

  async verify(): Promise<void> {
    const store = await this.#table.store();
    const { checked, corrupt, missing } = await store.call('verify', { contents: true });
    if (checked === 0 || corrupt + missing > 0) throw new Error('cooper: the store is not as it should be');
  }

  async optimise(): Promise<void> {
    const store = await this.#table.store();
    const { filesLinked } = await store.call('optimise', {});
    if (filesLinked === 0) throw new Error('cooper: no files were equal');
  }

  async stop(): Promise<void> {
    this.#table.close();
  }
}

export function derivationsOf({ nodes }: Workload, storeDir: string): readonly { path: StorePath; text: TextItem }[] {
  const known = new Map<StorePath, Derivation>();
  const hashModulo = new HashModulo((path) => known.get(path) as Derivation);
  const made: { path: StorePath; text: TextItem }[] = [];
  for (const { name, command, inputs } of nodes) {
    const inputDerivations = new Map(inputs.map((index) => [made[index]?.path as StorePath, ['out']]));
    const env = new Map<ByteString, ByteString>([[fromText('name'), fromText(name)]]);
    const draft = {
      outputs: new Map([['out', { hashAlgo: '', hash: '' }]]),
      inputDerivations,
      inputSources: [],
      system: fromText('x86_64-linux'),
      builder: fromText('/bin/sh'),
      args: [fromText('-c'), fromText(command)],
      env,
    };
    const derivation = completeDerivation({ storeDir, name, derivation: draft, hashModulo });
    const path = computeDerivationPath(storeDir, name, derivation);
    known.set(path, derivation);
    made.push({
      path,
      text: {
        name: `${name}.drv`,
        contents: printDerivation(derivation),
        references: derivationReferences(derivation),
      },
    });
  }
  return made;
}
