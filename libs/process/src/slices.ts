/**
 * Long work in short slices, so that the process goes on answering while it hashes gigabytes. Between two slices, of
 * whatever jobs, the event loop comes round: ten jobs take ten times as long, but nobody waits longer for an answer.
 */

/** How long, in ms, a slice may take. */
const slice = 8;

interface Job {
  /** Works for a slice; true when there is nothing left to do. */
  readonly work: () => boolean;
}

const jobs: Job[] = [];

/** Runs `steps` to its end, letting others run between slices, and gives its result. */
export function inSlices<T>(steps: Generator<unknown, T, void>): Promise<T> {
  return new Promise((resolve, reject) => {
    add({ work: () => workOn(steps, resolve, reject) });
  });
}

function add(job: Job): void {
  jobs.push(job);
  if (jobs.length === 1) setImmediate(turn);
}

function turn(): void {
  const job = jobs[0] as Job;
  const isDone = job.work();
  jobs.shift();
  if (!isDone) jobs.push(job);
  if (jobs.length > 0) setImmediate(turn);
}

function workOn<T>(
  steps: Generator<unknown, T, void>,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): boolean {
  const deadline = performance.now() + slice;
  try {
    do {
      const step = steps.next();
      if (step.done) {
        resolve(step.value);
        return true;
      }
    } while (performance.now() < deadline);
    return false;
  } catch (error) {
    reject(error);
    return true;
  }
}
