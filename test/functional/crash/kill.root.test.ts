/**
 * S92, killed at any moment: rounds in each of which one process of a running Cooper is killed while builds run, with a
 * collection beside them in some. The commands end soon; no process, mount or build directory stays; the states of the
 * store hold (docs/store-states.md); the next command builds everything, and a collection after it finds nothing held.
 * `ROUNDS=200 SEED=…` makes a longer drill, or the same one again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { DoomedCooper, type Kind, kinds, type Moment, moments } from './doomed-cooper.ts';
import { checkAfterStart, checkNothingIsHeld, checkNothingRuns, checkWhatIsValid } from './invariants.ts';
import { RandomChoice } from './random-choice.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root: builds as other users, in mounts of their own';
const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
const allKinds = Object.keys(kinds) as Kind[];
const rounds = Number(process.env['ROUNDS'] ?? allKinds.length);
/** How long, in ms, a command may take to say that it has lost what it needs. */
const patience = 30_000;

interface Round {
  readonly kind: Kind;
  readonly moment: Moment;
  /** How long to wait after the moment, in ms. */
  readonly wait: number;
  readonly isCollecting: boolean;
}

/** Every kind comes in turn, so that a short drill kills each of them. */
function makeRound(number: number, choice: RandomChoice): Round {
  const moment = choice.among(moments);
  return {
    kind: allKinds[number % allKinds.length] as Kind,
    moment,
    wait: choice.fraction() * (moment === 'any' ? 1500 : 3),
    isCollecting: choice.fraction() < 0.3,
  };
}

/** Kills, and sees that what was asked ends. */
async function killOne(t: Test, cooper: DoomedCooper, { kind, moment, wait, isCollecting }: Round): Promise<void> {
  const build = cooper.build(`${t.name}`);
  const collection = isCollecting ? cooper.start('gc') : undefined;
  if (moment !== 'any') await cooper.comes(moment, kind, build);
  await delay(wait);
  const isKilled = cooper.kill(kind);
  t.comment(`${kind}: ${isKilled ? 'killed' : 'there was none'}`);
  const both = Promise.all([build.ended, collection?.ended]);
  const ended = await Promise.race([both, delay(patience, undefined, { ref: false })]);
  t.ok(ended, 'the commands end');
  if (kind !== 'client' && ended !== undefined && ended[0].status !== 0)
    t.match(ended[0].stderr, /cooper: error: /, 'and say why');
  if (!isKilled) t.equal(ended?.[0].status, 0, 'what nobody disturbs succeeds');
}

t.setTimeout(Math.max(280_000, rounds * 30_000));
t.test(`${rounds} rounds, SEED=${seed}`, { skip }, async (t) => {
  const choice = new RandomChoice(seed);
  const cooper = new DoomedCooper(temporaryDirectory(t));
  for (let number = 0; number < rounds; number++) {
    const round = makeRound(number, choice);
    const { kind, moment, wait, isCollecting } = round;
    const about = `${number}: ${kind}, ${moment} + ${wait.toFixed(1)} ms${isCollecting ? ', collecting' : ''}`;
    await t.test(about.replace(/[^a-z0-9.]+/g, '-'), async (t) => {
      await killOne(t, cooper, round);
      await checkNothingRuns(t, cooper);
      checkWhatIsValid(t, cooper);
      await checkAfterStart(t, cooper);
    });
  }
  const { status, stderr } = await cooper.build('last').ended;
  t.equal(status, 0, `the next command builds everything ${stderr.slice(-1000)}`);
  await checkAfterStart(t, cooper);
  await checkNothingIsHeld(t, cooper);
});
