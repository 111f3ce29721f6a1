/**
 * Long work in short slices, so that the process goes on answering while it hashes gigabytes. Between two slices, of
 * whatever jobs, the event loop comes round: ten jobs take ten times as long, but nobody waits longer for an answer.
 */

/** How long, in ms, a slice may take. An answer needs several turns of the event loop, each of which has one. */
const slice = 2;

type Steps<T> = Pick<Generator<unknown, T, void>, 'next'>;

interface Job {
  /** Works until `deadline`; true when there is nothing left to do. */
  readonly work: (deadline: number) => boolean;
}

const jobs: Job[] = [];

/** When the slice that was begun in this turn of the event loop is over. */
let present: number | undefined;

/**
 * Runs `steps` to its end, letting others run between slices, and gives its result. What is short is done at once, as long
 * as nothing else is under way.
 */
export function inSlices<T>(steps: Steps<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const job = { work: (deadline: number) => workOn(steps, deadline, { resolve, reject }) };
    if (jobs.length > 0 || !job.work(endOfPresentSlice())) add(job);
  });
}

/** Does `work`, which cannot be divided, and gives its result: in another turn of the event loop than other such work. */
export function inTurn<T>(work: () => T): Promise<T> {
  return inSlices({ next: () => ({ done: true, value: work() }) });
}

/** Short jobs one after the other, with nothing between them that waits, share one slice. */
function endOfPresentSlice(): number {
  if (present === undefined) {
    present = performance.now() + slice;
    setImmediate(() => (present = undefined));
  }
  return present;
}

function add(job: Job): void {
  jobs.push(job);
  if (jobs.length === 1) setImmediate(turn);
}

function turn(): void {
  const job = jobs[0] as Job;
  const isDone = job.work(performance.now() + slice);
  jobs.shift();
  if (!isDone) jobs.push(job);
  if (jobs.length > 0) setImmediate(turn);
}

interface Settling<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function workOn<T>(steps: Steps<T>, deadline: number, { resolve, reject }: Settling<T>): boolean {
  try {
    while (performance.now() < deadline) {
      const step = steps.next();
      if (!step.done) continue;
      resolve(step.value);
      return true;
    }
    return false;
  } catch (error) {
    reject(error);
    return true;
  }
}
