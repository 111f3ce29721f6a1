/**
 * `main.ts [--verbose] FOLDER [NAME…]` plays every recorded scenario below FOLDER, or those named, against Cooper: each in
 * a world of its own, with a fresh store. Prints what differs from the recording for each, and at the end `N passed, M
 * failed`; exits with 1 if any failed. Differences that are meant are listed in docs/differences.md: `--verbose` shows them.
 */
import { basename, dirname, resolve } from 'node:path';
import { acceptedAs, type Context } from './accepted.ts';
import { compare } from './comparison.ts';
import { formatDifference } from './difference.ts';
import { canMakeWorlds, startInPrivateWorld } from './private-world.ts';
import { findScenarios, readRequest, readResult, type ScenarioResult } from './scenario.ts';

/** How many worlds there are at once: most of the time of a scenario is spent waiting. */
const atATime = 2;

const words = process.argv.slice(2);
const isVerbose = words.includes('--verbose');
const [folder, ...names] = words.filter((word) => !word.startsWith('--'));
if (folder === undefined) fail('usage: npm run -s replay -- [--verbose] FOLDER [NAME…]');
if (!canMakeWorlds()) fail('replay: needs root, to give each scenario a store, accounts and a network of its own');

const all = findScenarios(resolve(folder));
const chosen = names.length === 0 ? all : all.filter((scenario) => names.includes(basename(scenario)));
if (chosen.length === 0) fail(`replay: no scenario (a folder with request.json and result.json) in ${folder}`);

let failed = 0;
const total = chosen.length;
await Promise.all(Array.from({ length: atATime }, replayWaiting));
console.log(`${total - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function replayWaiting(): Promise<void> {
  for (let scenario = chosen.shift(); scenario !== undefined; scenario = chosen.shift()) {
    if (!(await replay(scenario))) failed++;
  }
}

/** Plays one scenario and prints what came of it. True when nothing differs that should not. */
async function replay(scenario: string): Promise<boolean> {
  const played = await play(scenario);
  if (typeof played === 'string') return report(basename(scenario), [played.trimEnd()], []);
  const recorded = readResult(scenario);
  const context: Context = { request: readRequest(scenario), recorded, seen: played };
  const wrong: string[] = [];
  const meant: string[] = [];
  for (const difference of compare(recorded, played)) {
    const rule = acceptedAs(difference, context);
    if (rule === undefined) wrong.push(formatDifference(difference));
    else meant.push(`    meant (${rule}):\n${formatDifference(difference)}`);
  }
  return report(basename(scenario), wrong, meant);
}

function report(name: string, wrong: readonly string[], meant: readonly string[]): boolean {
  console.log(`${wrong.length === 0 ? 'ok     ' : 'FAILED '} ${name}`);
  for (const line of wrong) console.log(line);
  if (isVerbose) for (const line of meant) console.log(line);
  return wrong.length === 0;
}

/** What was seen, or why nothing could be. */
async function play(scenario: string): Promise<ScenarioResult | string> {
  const program = new URL('play.ts', import.meta.url).pathname;
  const child = startInPrivateWorld({
    program,
    words: [scenario],
    directories: [dirname(scenario)],
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [errors, seen] = await Promise.all([text(child.stdio[2]), text(child.stdio[3])]);
  return seen === '' ? `    could not be played:\n${errors}` : (JSON.parse(seen) as ScenarioResult);
}

async function text(stream: unknown): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
