/** A check that is a program: it passes if the program exits with 0, else its output says why not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface CommandOutcome {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a program of node_modules/.bin or the path in `root`, without standard input, and gathers what it says. */
export async function runCommand(root: string, [program = '', ...args]: readonly string[]): Promise<CommandOutcome> {
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${root}/node_modules/.bin:${process.env['PATH']}`,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
    },
  });
  const [[code], ...outputs] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  return { ok: code === 0, output: outputs.join('') };
}
