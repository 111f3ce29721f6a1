/**
 * Long operations on trees are generators: each step is short, so that a server can do other things between two. Ending
 * one early (`return()`, or leaving a `for` loop) closes what it holds open.
 */

/** Takes all steps at once and gives the result. */
export function finish<Result>(steps: Generator<unknown, Result, void>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
