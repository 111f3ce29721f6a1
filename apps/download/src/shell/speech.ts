/** What the program says: standard error of a build is its log. */
import { writeSync } from 'node:fs';

/** Writes whole lines at once. */
export function say(text: string): void {
  writeSync(2, text);
}
