/** What is wrong with a machine, or the way to it: the one fault that has a job go elsewhere. */
import { Fault, isFault } from '@cooper/fault';
import { printable } from '@cooper/log';

/** What a machine said is in such messages, and those are shown to people: in one line, without what steers a terminal. */
export function machineFailure(message: string, cause?: unknown): Fault {
  return new Fault('machine-failed', inOneLine(message), {}, cause === undefined ? undefined : { cause });
}

/** What our store found wrong with what the machine sent back, by itself: not that it came late, or not at all. */
export function refusal(message: string, cause: Fault): Fault {
  return new Fault('machine-failed', inOneLine(message), { refused: true }, { cause });
}

function inOneLine(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, ' '));
}

export function isRefusal(error: unknown): boolean {
  return isFault(error, 'machine-failed') && error.facts['refused'] === true;
}

export function isOfMachine(error: unknown): error is Fault {
  return isFault(error, 'machine-failed');
}

/** Throws a failure of the machine when `work` takes longer than `patience` ms. `what` it has not done is named. */
export async function within<T>(patience: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(machineFailure(`it did not ${what} within ${patience / 1000} s`)), patience);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
