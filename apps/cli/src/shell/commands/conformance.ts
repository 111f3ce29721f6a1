/** `cooper conformance`: hands over to the conformance kit, which is no part of what runs from day to day. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const kit = fileURLToPath(new URL('../../../../../tools/conformance/src/main.ts', import.meta.url));

/** Tries a program against a contract; `words` are those of the kit. */
export async function conformance(words: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [kit, ...words], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
