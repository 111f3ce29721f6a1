/**
 * `play.ts FOLDER`: plays the scenario in FOLDER, inside of a world of its own (private-world.ts), and writes what it saw to
 * descriptor 3, as JSON in the form of `result.json`.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from './client.ts';
import { Daemon } from './daemon.ts';
import { type Before, observe, takeBefore, unsharedFiles } from './observation.ts';
import { readRequest, type ScenarioRequest, type SetupStep, type Step, type StepResult } from './scenario.ts';
import { guixPlaces } from './snapshot.ts';
import { serveFiles } from './static-server.ts';

const socket = '/var/guix/daemon-socket/socket';

/** In ms; no step of a recording takes longer than a few seconds. */
const patience = 60_000;
/** In ms; a file that has not been shared by then is seen as it is. */
const sharingPatience = 10_000;

/** Plays the steps of one scenario against one daemon at a time. */
class Player {
  readonly #folder: string;
  readonly #clients = new Map<string, Client>();
  #daemon: Daemon;

  constructor(folder: string, daemon: Daemon) {
    this.#folder = folder;
    this.#daemon = daemon;
  }

  async setUp(setup: readonly SetupStep[]): Promise<void> {
    const client = await Client.open(socket);
    for (const { op, path, ...args } of setup) {
      const result = await client.request({ op, args, folder: this.#folder }, patience);
      const isAsRecorded = result.outcome === 'success' && (path === undefined || result.reply === path);
      if (!isAsRecorded) throw new Error(`setup: ${op} ${path ?? ''}: ${JSON.stringify(result)}`);
    }
    client.close();
  }

  async play(steps: readonly Step[]): Promise<StepResult[]> {
    const results: StepResult[] = [];
    for (let from = 0; from < steps.length; ) {
      const together = simultaneous(steps.slice(from));
      results.push(...(await this.#playTogether(together)));
      from += together.length;
    }
    return results;
  }

  async end(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    await this.#daemon.end('SIGTERM');
  }

  /** Each begins when the one before has begun to work. */
  async #playTogether(steps: readonly Step[]): Promise<StepResult[]> {
    const results: Promise<StepResult>[] = [];
    for (const step of steps) {
      const begun = Promise.withResolvers<void>();
      const result = this.#play(step, begun.resolve);
      results.push(result);
      await Promise.race([begun.promise, result]);
    }
    return Promise.all(results);
  }

  async #play(step: Step, onText: () => void): Promise<StepResult> {
    const { connection, op, args, action } = step;
    if (action !== undefined) {
      await this.#act(step, action);
      return { action };
    }
    const client = await this.#client(connection ?? '');
    const result = await client.request({ op: op ?? '', args, folder: this.#folder, onText }, patience);
    return { ...(connection === undefined ? {} : { connection }), ...result };
  }

  async #client(name: string): Promise<Client> {
    const client = this.#clients.get(name) ?? (await Client.open(socket));
    this.#clients.set(name, client);
    return client;
  }

  async #act({ path, content }: Step, action: string): Promise<void> {
    const replaced = /^file content replaced by "(.*)"$/s.exec(action)?.[1];
    if (action === 'daemon killed and started again') this.#daemon = await this.#daemon.restart();
    else if (action === 'file removed') rmSync(path ?? '', { recursive: true });
    else if (action === 'file written') writeFileSync(path ?? '', content ?? '');
    else if (replaced !== undefined) replaceContents(path ?? '', JSON.parse(`"${replaced}"`) as string);
    else throw new Error(`the action \`${action}' is not known`);
  }
}

/** As many of the first steps as are asked for at once: builds, each over a connection of its own. */
function simultaneous(steps: readonly Step[]): readonly Step[] {
  let count = 1;
  const connections = new Set([steps[0]?.connection]);
  for (; steps[0]?.op === 'build-things' && steps[count]?.op === 'build-things'; count++) {
    if (connections.has(steps[count]?.connection)) break;
    connections.add(steps[count]?.connection);
  }
  return steps.slice(0, count);
}

/** As somebody does who corrupts a store: the file stays, with the mode and time that it had. */
function replaceContents(path: string, contents: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, contents);
  chmodSync(path, 0o444);
}

/** What lies beside the scenarios and is needed by some: keys, and the stand-in for Guix's own programs. */
function installFiles(folder: string, environment: Readonly<Record<string, string>>): void {
  const keys = join(folder, '../common/keys');
  mkdirSync('/etc/guix', { recursive: true });
  for (const name of ['acl', 'signing-key.pub', 'signing-key.sec']) {
    if (existsSync(join(keys, name))) copyFileSync(join(keys, name), join('/etc/guix', name));
  }
  const hook = join(folder, 'hook.sh');
  const program = environment['GUIX'];
  if (program === undefined || !existsSync(hook)) return;
  mkdirSync(dirname(program), { recursive: true });
  copyFileSync(hook, program);
  chmodSync(program, 0o755);
}

/** Cooper has equal files share their blocks in the background, where the reference does it before it answers. */
async function waitForSharing(before: Before): Promise<void> {
  const end = Date.now() + sharingPatience;
  while (unsharedFiles(guixPlaces, before).length > 0 && Date.now() < end) await delay(50);
}

async function play(folder: string, request: ScenarioRequest): Promise<void> {
  const environment = request['daemon-environment'] ?? {};
  installFiles(folder, environment);
  const served = request['substitute-server'];
  const server = served === null ? undefined : await serveFiles(folder, served);
  const player = new Player(folder, await Daemon.start({ socket, options: request['daemon-options'], environment }));
  await player.setUp(request.setup);
  const before = takeBefore(guixPlaces);
  const steps = await player.play(request.steps);
  await waitForSharing(before);
  const seen = observe(guixPlaces, before, steps);
  await player.end();
  server?.close();
  writeFileSync(3, JSON.stringify(seen));
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: play.ts FOLDER');
try {
  await play(folder, readRequest(folder));
} catch (error) {
  console.error(`${(error as Error).stack}\n${Daemon.log().split('\n').slice(-40).join('\n')}`);
  process.exit(1);
}
