/** Pipes, for processes that are started with one. */
import { addon } from './addon.ts';

/** Two descriptors, closed by exec: what is written to one is read from the other (pipe(2)). */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

export function makePipe(): Pipe {
  addon.makePipe();
  const [read = -1, write = -1] = addon.registers;
  return { read, write };
}
