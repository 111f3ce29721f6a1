/**
 * `main.ts [NAME…]` runs every check, or those named (`links`, `types`). Says what is wrong, then one line for each check; exits
 * with 1 if any failed. Warnings fail nothing.
 */
import { fileURLToPath } from 'node:url';
import { listProjects, readSourceTree } from '@cooper/workspace';
import type { Problem, Workspace } from './checker.ts';
import { checkers, commands } from './checks.ts';
import { runCommand } from './command.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const chosen = process.argv.slice(2);
const isChosen = ([name]: readonly [string, unknown]) => chosen.length === 0 || chosen.includes(name);
const verdicts: string[] = [];

const tree = readSourceTree(root);
const workspace: Workspace = { tree, projects: listProjects(tree) };
for (const [name, checker] of Object.entries(checkers).filter(isChosen)) {
  const start = performance.now();
  const problems = checker(workspace);
  for (const problem of problems) console.log(formatProblem(problem));
  tell(
    name,
    problems.every(({ warning }) => warning),
    start,
  );
}
const waiting = Object.entries(commands).filter(isChosen);
await Promise.all([runWaiting(), runWaiting()]);
console.log(verdicts.join('\n'));

async function runWaiting(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [name, command] = next;
    const start = performance.now();
    const { ok, output } = await runCommand(root, command);
    if (!ok) console.log(`\n$ ${command.join(' ')}\n${output.trimEnd()}\n`);
    tell(name, ok, start);
  }
}

function tell(name: string, ok: boolean, start: number): void {
  verdicts.push(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  if (!ok) process.exitCode = 1;
}

function formatProblem({ file, line, message, warning }: Problem): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${warning ? 'warning: ' : ''}${message}`;
}
