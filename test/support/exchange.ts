/** Exchanges two entries of a directory over and over, in a process of its own, while something is done with them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('swapper.ts', import.meta.url));

/**
 * Starts exchanging the entries `names` of `directory`, whenever they are there. The function that it gives ends that,
 * and tells how many exchanges there were.
 */
export async function startExchanging(
  directory: string,
  names: readonly [string, string],
): Promise<() => Promise<number>> {
  const child = spawn(process.execPath, [script, directory, ...names], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [ready] = (await once(child.stdout, 'data')) as [Buffer];
  if (ready.toString() !== 'ready\n') throw new Error(`the swapper says ${ready}`);
  return async () => {
    child.stdin.end();
    return Number(await text(child.stdout));
  };
}
