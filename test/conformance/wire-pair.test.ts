/**
 * Every scenario holds through a pair of our own client and server, which stand before a program and pass on what it says; and
 * for a substituter that has no process and no files, only what it was given.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { substituteHandlers } from '@cooper/agent';
import { kits, makePlace, type Place, type Subject, streamSubject, tryScenarios } from '@cooper/conformance';
import {
  buildAgentContract,
  type Contract,
  schedulerContract,
  storeContract,
  substituteContract,
} from '@cooper/contracts';
import { formatPrefixedHash } from '@cooper/hash';
import { memoryPair, serve } from '@cooper/ipc';
import { parseNarinfo } from '@cooper/narinfo';
import { type StorePath, storePathHashPart } from '@cooper/store-path';
import t, { type Test } from 'tap';
import { spoil } from './spoilt-process.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const inStore = (place: Place) => [`--store-dir=${place.store}`, `--state-dir=${place.state}`];

const programs: readonly (readonly [Contract, (place: Place) => readonly string[]])[] = [
  [substituteContract, ({ cache }) => [process.execPath, `${checkout}examples/node-agents/substituter.ts`, cache]],
  [buildAgentContract, (place) => [`${checkout}apps/builder/bin/cooper-builder`, ...inStore(place)]],
  [
    schedulerContract,
    (place) => [
      `${checkout}apps/scheduler/bin/cooper-scheduler`,
      ...inStore(place),
      ...['--channel=store=3', `--listen=build-agents=${place.agents}`],
    ],
  ],
  [storeContract, (place) => [`${checkout}apps/store/bin/cooper-store`, ...inStore(place)]],
];

t.setTimeout(280_000);

async function tryAll(t: Test, contract: string, start: (place: Place) => Promise<Subject>): Promise<void> {
  const place = makePlace();
  t.teardown(() => place.remove());
  const scenarios = kits[contract]?.scenarios(place) ?? [];
  t.ok(scenarios.length > 20, `${scenarios.length} scenarios`);
  for await (const { name, violation } of tryScenarios(scenarios, () => start(place), undefined))
    t.equal(violation, undefined, name);
}

for (const [contract, command] of programs)
  t.test(`${contract.name}, through a pair`, async (t) => {
    const kit = kits[contract.name];
    if (kit === undefined) throw new Error(`no kit ${contract.name}`);
    await tryAll(t, contract.name, async (place) => {
      const { patience: _, ...subject } = await spoil(await kit.start(command(place), place), contract);
      return subject;
    });
  });

t.test('substitute, in memory', async (t) => {
  await tryAll(t, 'substitute', async ({ cache }) => {
    const [near, far] = memoryPair();
    serve(substituteContract, substituteHandlers(substituterOf(filesBelow(cache))), far, { server: 'fake' });
    return streamSubject(near);
  });
});

function filesBelow(directory: string): ReadonlyMap<string, Buffer> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name));
  return new Map(paths.map((path) => [path.slice(directory.length + 1), readFileSync(path)]));
}

function substituterOf(files: ReadonlyMap<string, Buffer>): Parameters<typeof substituteHandlers>[0] {
  const offer = (path: StorePath) => {
    const narinfo = files.get(`${storePathHashPart(path)}.narinfo`);
    if (narinfo === undefined) return null;
    const { deriver, references, narSize, narHash } = parseNarinfo(path.slice(0, path.lastIndexOf('/')), narinfo);
    const hash = formatPrefixedHash(narHash, 'base16');
    return { path, deriver, references, downloadSize: narSize, narSize, narHash: hash, narinfo, url: 'file:memory' };
  };
  return {
    name: 'fake',
    find: async (paths) => paths.map(offer),
    open: async ({ narinfo }) => {
      const archive = files.get(narinfo.files[0].url);
      return archive === undefined ? null : inPieces(archive);
    },
  };
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536);
}
