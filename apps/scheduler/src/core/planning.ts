/** The first step of a derivation goal's life: what is missing. */
import { toText } from '@cooper/byte-string';
import type { OutputPath } from '@cooper/contracts';
import { type Derivation, isFixedOutput, parseDerivation } from '@cooper/derivation';
import { isFault } from '@cooper/fault';
import { Attributes, checkAttributes } from './attributes.ts';
import { fail, failedBefore } from './ending.ts';
import type { Engine } from './engine.ts';
import { type DerivationGoal, wantedOutputs, wantsMore } from './goal.ts';
import type { GoalEventOf } from './goal-event.ts';
import { readAgain } from './inputs.ts';
import { messages } from './messages.ts';
import { acceptOutputs } from './outputs.ts';
import { seekDerivation, seekOutputs } from './substituting.ts';

/** The derivation has been read: nothing to do if the wanted outputs are valid, else its inputs are needed. */
export function considerOutputs(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'derivation-read'>): void {
  const { contents, validOutputs } = event.read;
  if (contents === null) {
    seekDerivation(engine, goal);
    return;
  }
  const derivation = parse(engine, goal, contents);
  if (derivation === undefined) return;
  goal.plan = {
    outputs: Array.from(derivation.outputs, ([name, { path }]) => ({ name, path })),
    fixedOutput: isFixedOutput(derivation),
    hashAlgorithm: derivation.outputs.values().next().value?.hashAlgo ?? '',
    local: isLocal(engine, goal, derivation),
  };
  engine.questions.lease([goal.path, ...goal.plan.outputs.map((output) => output.path)], goal.requests);
  goal.sought = goal.wanted === null ? null : new Set(goal.wanted);
  goal.missing = invalidOutputs(goal, validOutputs).map(({ path }) => path);
  if (goal.pool.options.mode === 'repair') checkContents(engine, goal, derivation);
  else proceed(engine, goal, derivation);
}

function proceed(engine: Engine, goal: DerivationGoal, derivation: Derivation): void {
  if (goal.missing.length === 0) acceptOutputs(engine, goal, { derivation, status: 'already-valid' });
  else if (engine.settings.cacheFailures && !goal.pool.options.dryRun) askForFailures(engine, goal, derivation);
  else seekOutputs(engine, goal, derivation);
}

/** What is valid has to be looked at as well. */
function checkContents(engine: Engine, goal: DerivationGoal, derivation: Derivation): void {
  const missing = new Set(goal.missing);
  const valid = wantedOutputs(goal).filter(({ path }) => !missing.has(path));
  if (valid.length === 0) {
    proceed(engine, goal, derivation);
    return;
  }
  goal.state = 'contents-wanted';
  goal.since = engine.now;
  goal.derivation = derivation;
  engine.perform({ type: 'check-contents', goal: goal.id, paths: valid.map(({ path }) => path) });
}

/** What is corrupt is missed like what is not there. */
export function considerContents(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'contents-checked'>): void {
  for (const path of event.corrupt) {
    engine.emit(goal, { event: 'message', level: 'error', text: messages.corrupt(path) });
  }
  const missing = new Set([...goal.missing, ...event.corrupt]);
  goal.missing = [...missing];
  const derivation = takeDerivation(goal);
  if (wantsMore(goal)) readAgain(engine, goal);
  else proceed(engine, goal, derivation);
}

/** What has failed for good before is not tried again: that is worth a question before anything is done for it. */
function askForFailures(engine: Engine, goal: DerivationGoal, derivation: Derivation): void {
  goal.state = 'failures-wanted';
  goal.since = engine.now;
  goal.derivation = derivation;
  engine.questions.queryFailures(goal, goal.missing);
}

export function considerFailures(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'failures-read'>): void {
  const derivation = takeDerivation(goal);
  const failed = goal.missing.find((path) => event.failed.has(path));
  if (failed !== undefined) fail(engine, goal, failedBefore(failed));
  else if (wantsMore(goal)) readAgain(engine, goal);
  else seekOutputs(engine, goal, derivation);
}

/** Check and repair are done where the outputs are, and so is what says so and can be. */
function isLocal({ settings }: Engine, goal: DerivationGoal, derivation: Derivation): boolean {
  if (goal.pool.options.mode !== 'normal') return true;
  const prefersLocal = new Attributes(derivation, goal.path).flag('preferLocalBuild');
  return prefersLocal && runsHere(toText(derivation.system), settings.system);
}

/** The systems whose programs machines of another run as well, as the reference has them. */
const alsoRuns: ReadonlyMap<string, string> = new Map([
  ['x86_64-linux', 'i686-linux'],
  ['aarch64-linux', 'armhf-linux'],
]);

function runsHere(system: string, machine: string): boolean {
  return system === machine || system === alsoRuns.get(machine);
}

function parse(engine: Engine, goal: DerivationGoal, contents: Uint8Array): Derivation | undefined {
  try {
    const derivation = parseDerivation(contents, { storeDir: engine.settings.storeDir, path: goal.path });
    // Refused now rather than after its inputs have been built.
    checkAttributes(derivation, goal.path);
    return derivation;
  } catch (error) {
    if (!isFault(error)) throw error;
    fail(engine, goal, { status: 'input-rejected', message: error.message, decisive: true });
    return undefined;
  }
}

function takeDerivation(goal: DerivationGoal): Derivation {
  const { derivation } = goal;
  if (derivation === null) throw new Error(`goal for ${goal.path}: the derivation is not at hand`);
  goal.derivation = null;
  return derivation;
}

function invalidOutputs(goal: DerivationGoal, validOutputs: readonly string[]): readonly OutputPath[] {
  const valid = new Set(validOutputs);
  return wantedOutputs(goal).filter(({ name }) => !valid.has(name));
}
