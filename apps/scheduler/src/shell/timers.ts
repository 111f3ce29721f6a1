/** Carries out `set-timer` effects. */
import type { Performer, Runner } from './runner.ts';

export function timers(runner: Runner): Performer {
  return (effect) => {
    if (effect.type !== 'set-timer') return;
    setTimeout(() => runner.report({ type: 'timer', goal: effect.goal }), effect.delay).unref();
  };
}
