/** Scenarios: named statements about an implementation of a contract, each tried on one that is started anew. */
import { usualPatience } from './raw-peer.ts';
import type { Start, Subject } from './subject.ts';
import { Violation } from './violation.ts';

export interface Scenario<World> {
  /** Kebab-case; stable, so that people can refer to it. */
  readonly name: string;
  /** What holds, in one sentence. */
  readonly about: string;
  /** Throws a violation where it does not hold. */
  readonly run: (subject: Subject, world: World) => Promise<void>;
}

export interface Verdict {
  readonly name: string;
  readonly about: string;
  /** What went wrong; absent when the scenario holds. */
  readonly violation?: string;
  /** What the implementation said on standard error. */
  readonly log?: string;
}

/** Tries every scenario, one after the other; each verdict is given as it comes. */
export async function* tryScenarios<World>(
  scenarios: readonly Scenario<World>[],
  start: Start,
  world: World,
): AsyncGenerator<Verdict> {
  for (const scenario of scenarios) yield await tryScenario(scenario, start, world);
}

async function tryScenario<World>({ name, about, run }: Scenario<World>, start: Start, world: World): Promise<Verdict> {
  const subject = await start();
  try {
    await within(run(subject, world), 3 * (subject.patience ?? usualPatience));
    return { name, about };
  } catch (error) {
    return { name, about, violation: explain(error), log: subject.log() };
  } finally {
    await subject.close();
  }
}

function explain(error: unknown): string {
  if (error instanceof Violation) return error.message;
  const { code, message, stack } = error as Error & { code?: string };
  return code === undefined ? `${stack}` : `${code}: ${message}`;
}

async function within(running: Promise<void>, patience: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Violation(`not done within ${patience / 1000} s`)), patience);
  });
  try {
    await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
    running.catch(() => undefined);
  }
}
