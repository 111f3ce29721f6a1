/**
 * The recorded scenarios of the reference's build hook once more, with other machines in the hook's place: what a client is told
 * in the daemon's own words is what was recorded, but for what docs/differences.md says of other machines. In each, machines
 * do what its hook did: accept and build, fail, be lost, decline.
 */
import { fileURLToPath } from 'node:url';
import { normalLines } from '@cooper/replay/normal-form';
import { readResult, type StepResult } from '@cooper/replay/scenario';
import t from 'tap';
import { skip } from './far-machine.ts';
import { playInWorld } from './private-play.ts';
import type { CasePlan, CaseResult } from './recorded-case.ts';

t.setTimeout(170_000);

const recordings = fileURLToPath(new URL('../../golden/behaviour', import.meta.url));
const program = fileURLToPath(new URL('recorded-case.ts', import.meta.url));

interface Case extends CasePlan {
  /** How many connections the machines must have had; not looked at where one may be tried again. */
  readonly connections?: number;
  /** The next of its builds may begin while the outputs of the last are being judged (`overlapping-ends`). */
  readonly overlaps?: boolean;
  /** What is told instead of what was recorded. */
  readonly differs?: (recorded: Told) => Told;
}

/** What a client was told of a build: the daemon's own lines, with `text` for what others say between them; and its end. */
interface Told {
  readonly lines: readonly string[];
  readonly end: Pick<StepResult, 'outcome' | 'message' | 'status' | 'reply'>;
  readonly isValid: unknown;
}

const far = { name: 'far' };
const waiting = 'waiting for locks or build slots...';

const cases: Readonly<Record<string, Case>> = {
  'hook-accepts': { machines: [far], connections: 1 },
  'hook-accepts-exit-100': { machines: [{ ...far, fault: 'fails-100' }], connections: 1 },
  'hook-accepts-exit-1': {
    machines: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, fault: 'dies-in-build' })),
    connections: 5,
    // Others are tried before that is the outcome.
    differs: ({ lines: [started = '', text = '', failed = ''], ...end }) => {
      const again = [started, text];
      return { ...end, lines: [...again, waiting, ...again, ...again, ...again, ...again, failed] };
    },
  },
  'hook-declines': { machines: [{ ...far, entry: { systems: ['riscv64-linux'] } }], connections: 0 },
  'hook-declines-two': {
    machines: [{ ...far, entry: { mandatoryFeatures: ['big'] } }],
    connections: 0,
    overlaps: true,
  },
  'hook-prefer-local': { machines: [far], connections: 0 },
  'hook-required-features': { machines: [{ ...far, entry: { features: ['kvm'] } }], connections: 0 },
  'hook-postpones-then-declines': {
    machines: [{ ...far, fault: 'never-ends' }],
    occupiedBy: 'hook-declines-two',
    connections: 1,
  },
  'hook-dies': {
    machines: [{ ...far, fault: 'dies-at-once' }],
    // `hook-without-reply`: it is built here.
    differs: () => {
      const { lines, ...end } = told(readResult(`${recordings}/hook-declines`).steps);
      return { ...end, lines: [waiting, ...lines] };
    },
  },
};

for (const [name, { connections, overlaps = false, differs = same, ...plan }] of Object.entries(cases)) {
  t.test(`the same is told with other machines: ${name}`, { skip }, async (t) => {
    const recorded = told(readResult(`${recordings}/${name}`).steps);
    const seen = await playInWorld<CaseResult>({
      program,
      words: [`${recordings}/${name}`, JSON.stringify(plan)],
      directories: [recordings],
    });
    const arranged = overlaps ? withoutOrder : same;
    t.same(arranged(told(seen.steps)), arranged(differs(recorded)));
    if (connections !== undefined) t.equal(seen.connections, connections);
  });
}

function same(told: Told): Told {
  return told;
}

function withoutOrder({ lines, ...rest }: Told): Told {
  return { ...rest, lines: lines.filter((line) => line !== 'text').toSorted() };
}

function told(steps: readonly StepResult[]): Told {
  const build = steps.find(({ op }) => op === 'build-things');
  const { outcome, message, status, reply } = build ?? {};
  const isValid = steps.find(({ op }) => op === 'valid-path?')?.reply;
  const lines = normalLines(build?.text ?? '').map((line) => {
    const isOwn = line.startsWith('@ ') || line === waiting;
    return isOwn ? line.replace('/elsewhere/drvs/', '/drvs/') : 'text';
  });
  // Who is asked, and what it says before the build, is the agents' affair.
  const own = lines.filter((line, place) => line !== 'text' || isBuilding(lines.slice(0, place)));
  return {
    lines: own.filter((line, place) => line !== 'text' || own[place - 1] !== 'text'),
    end: JSON.parse(JSON.stringify({ outcome, message, status, reply })) as Told['end'],
    isValid,
  };
}

/** Whether what follows `lines` is said while a build runs, or was, and before another begins. */
function isBuilding(lines: readonly string[]): boolean {
  const last = lines.findLast((line) => line !== 'text');
  return last?.startsWith('@ build-started') ?? false;
}
