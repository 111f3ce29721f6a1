/** Runs a program of these tests in a world of its own (@cooper/replay), for what it writes to descriptor 3. */
import { startInPrivateWorld } from '@cooper/replay';

interface Play {
  readonly program: string;
  readonly words?: readonly string[];
  /** Directories that it needs, besides the checkout. */
  readonly directories?: readonly string[];
}

/** What the program writes, which is JSON. Throws what it says on standard error where it writes nothing. */
export async function playInWorld<T>({ program, words = [], directories = [] }: Play): Promise<T> {
  const stdio = ['ignore', 'ignore', 'pipe', 'pipe'] as const;
  const child = startInPrivateWorld({ program, words, directories, stdio: [...stdio] });
  const [errors, written] = await Promise.all([textOf(child.stdio[2]), textOf(child.stdio[3])]);
  if (written === '') throw new Error(errors);
  return JSON.parse(written) as T;
}

async function textOf(stream: unknown): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
