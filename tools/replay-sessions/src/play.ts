/**
 * `play.ts FOLDER`: plays the recordings in FOLDER, one after the other against one daemon, inside of a world of its own.
 * Writes what came of each to descriptor 3, as JSON.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { Daemon } from '@cooper/replay/daemon';
import { serveFiles } from '@cooper/replay/static-server';
import { WorkerClient } from '@cooper/worker-client';
import { type Exchange, exchangeAll, type Transcript } from './exchange.ts';
import { FactReader, outputsAmong } from './facts.ts';
import { chosenByChance, transcriptLines } from './normal-transcript.ts';
import { orderSessions } from './order.ts';
import { commonFolder, type Recording, readRecordings } from './recording.ts';
import { Source } from './source.ts';

const socket = '/var/guix/daemon-socket/socket';

/** What came of one session: what was recorded and what was seen, line by line. */
export interface Played {
  readonly name: string;
  readonly recorded: readonly string[];
  readonly seen: readonly string[];
}

const [folder = ''] = process.argv.slice(2);
const common = commonFolder(folder) ?? ownCommonFolder();
try {
  await playAll(readRecordings(folder));
} catch (error) {
  console.error(`${(error as Error).stack}\n${Daemon.log().split('\n').slice(-40).join('\n')}`);
  process.exit(1);
}

async function playAll(recordings: readonly Recording[]): Promise<void> {
  installKeys();
  const server = await serveFiles(common, cacheOf(recordings));
  const options = recordings[0]?.options ?? [];
  const daemon = await Daemon.start({ socket, options, environment: {} });
  const present = await addItems();
  const sessions = await Promise.all(recordings.map(read));
  const outputs = new Map(sessions.flatMap(({ exchanges }) => outputsAmong(exchanges)));
  const dated = sessions.map((session) => ({ ...session, facts: new FactReader(outputs).read(session.exchanges) }));
  const roots = new Map(sessions.flatMap(({ exchanges }) => exchanges.flatMap(rootsIn)));
  const played: Played[] = [];
  const chance = new Set<string>();
  for (const session of orderSessions(dated, present)) {
    for (const { operation, wish } of session.exchanges) if (operation === 'add-indirect-root') makeRoot(wish, roots);
    const seen = await playOne(session.client);
    const { name, recorded } = session;
    played.push({ name, recorded: transcriptLines(recorded, chance), seen: transcriptLines(seen, chance) });
    for (const path of [...chosenByChance(recorded), ...chosenByChance(seen)]) chance.add(path);
  }
  await daemon.end('SIGTERM');
  server.close();
  writeFileSync(3, JSON.stringify(played));
}

/** A recording, and what it says. */
async function read({ name, client, daemon }: Recording) {
  const side = { says: Source.ofBytes(daemon), send: () => undefined, close: () => undefined };
  const recorded = await exchangeAll(client, side);
  return { name, client, exchanges: recorded.exchanges, recorded };
}

/** The same session with the daemon that runs. */
async function playOne(client: Buffer): Promise<Transcript> {
  const connection = connect(socket);
  await new Promise<void>((resolve, reject) => connection.once('connect', resolve).once('error', reject));
  const transcript = await exchangeAll(client, {
    says: Source.ofSocket(connection),
    send: (bytes) => connection.write(bytes),
    close: () => connection.end(),
  });
  connection.destroy();
  return transcript;
}

function installKeys(): void {
  mkdirSync('/etc/guix', { recursive: true });
  for (const name of ['acl', 'signing-key.pub', 'signing-key.sec']) {
    const file = join(common, 'keys', name);
    if (existsSync(file)) copyFileSync(file, join('/etc/guix', name));
  }
}

/** Where the recorded daemon was told to look for substitutes. */
function cacheOf(recordings: readonly Recording[]) {
  const option = recordings.flatMap(({ options }) => options).find((word) => word.startsWith('--substitute-urls='));
  const url = option?.slice('--substitute-urls='.length) ?? 'http://127.0.0.1:8123';
  return { url, root: 'cache', removed: [], changed: [] };
}

/** The item that all builders are from, which was added before the first session. */
async function addItems(): Promise<string[]> {
  const file = join(common, 'busybox-1.35.0.nar.zst');
  if (!existsSync(file)) return [];
  const client = await WorkerClient.open(socket);
  const wish = { name: 'busybox-1.35.0', obsolete: 1, recursive: 1, hashAlgorithm: 'sha256' } as never;
  const path = await client.request('add-to-store', wish, { body: [zstdDecompressSync(readFileSync(file))] });
  client.close();
  return [path];
}

/** The links that are roots, and what they point to. */
function rootsIn({ operation, reply }: Exchange): [string, string][] {
  return operation === 'find-roots' ? (reply as [string, string][]) : [];
}

/** The client had made the link before it told the daemon of it. */
function makeRoot(wish: unknown, roots: ReadonlyMap<string, string>): void {
  const { file } = wish as { readonly file: string };
  const target = roots.get(file);
  if (target === undefined || lstatSync(file, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  symlinkSync(target, file);
}

/** What the sessions of our own tests need, for those that bring nothing. */
function ownCommonFolder(): string {
  const bundle = new URL('../../../test/golden/worker-protocol/common.tar.zst', import.meta.url);
  const archive = zstdDecompressSync(readFileSync(bundle));
  execFileSync('tar', ['-xf', '-', '-C', '/run'], { input: archive });
  return '/run/common';
}
