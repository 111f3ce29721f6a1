/** The first step of a derivation goal's life: what is missing. */
import { type Derivation, isFixedOutput, parseDerivation } from '@cooper/derivation';
import { isFault } from '@cooper/fault';
import { checkAttributes } from './attributes.ts';
import { fail } from './ending.ts';
import type { Engine } from './engine.ts';
import type { DerivationGoal } from './goal.ts';
import type { GoalEventOf } from './goal-event.ts';
import { wantInputs } from './inputs.ts';
import { messages } from './messages.ts';

/** The derivation has been read: nothing to do if the wanted outputs are valid, else its inputs are needed. */
export function considerOutputs(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'derivation-read'>): void {
  const { contents, validOutputs } = event.read;
  if (contents === null) {
    fail(engine, goal, { status: 'misc-failure', message: messages.missingDerivation(goal.path) });
    return;
  }
  const derivation = parse(engine, goal, contents);
  if (derivation === undefined) return;
  goal.plan = {
    outputs: Array.from(derivation.outputs, ([name, { path }]) => ({ name, path })),
    fixedOutput: isFixedOutput(derivation),
  };
  engine.lease([goal.path, ...goal.plan.outputs.map((output) => output.path)]);
  if (isSatisfied(goal, validOutputs)) engine.end(goal, { status: 'already-valid' });
  else wantInputs(engine, goal, derivation);
}

function parse(engine: Engine, goal: DerivationGoal, contents: Uint8Array): Derivation | undefined {
  try {
    const derivation = parseDerivation(contents, { storeDir: engine.settings.storeDir, path: goal.path });
    // Refused now rather than after its inputs have been built.
    checkAttributes(derivation, goal.path);
    return derivation;
  } catch (error) {
    if (!isFault(error)) throw error;
    fail(engine, goal, { status: 'input-rejected', message: error.message });
    return undefined;
  }
}

/** An output that the derivation does not have is nobody's to build: as in the reference, it is not missed. */
function isSatisfied(goal: DerivationGoal, validOutputs: readonly string[]): boolean {
  const valid = new Set(validOutputs);
  const outputs = goal.plan?.outputs ?? [];
  return outputs.every(({ name }) => valid.has(name) || (goal.wanted !== null && !goal.wanted.has(name)));
}
