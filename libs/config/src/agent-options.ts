/**
 * Programs that options put into the process table: `--substitute-agent=COMMAND` in the place of our substituter, and
 * `--build-agent=COMMAND`, any number of them, before our builder. Each speaks its contract on its standard input and output.
 */
import { Fault } from '@cooper/fault';
import type { OptionValues } from './option.ts';

type Agents = Pick<OptionValues, 'substitute-agent' | 'build-agent'>;

/** The changes of the process table, `changes` of the configuration file among them. Throws the fault `invalid-option`. */
export function withAgents(changes: unknown, values: Agents): unknown {
  const { 'substitute-agent': substitute, 'build-agent': builders } = values;
  const added = {
    ...(substitute === undefined ? {} : { substitute: plain('substitute-agent', substitute) }),
    ...Object.fromEntries(builders.map((words, n) => [`build-agent-${n + 1}`, plain('build-agent', words)])),
  };
  if (Object.keys(added).length === 0) return changes;
  // What is no map is refused where the table is made.
  return typeof changes === 'object' && !Array.isArray(changes) ? { ...changes, ...added } : (changes ?? added);
}

/** Words are divided by spaces; a command with other words has a line of the configuration file. */
function plain(option: string, text: string): { readonly command: readonly string[]; readonly plain: true } {
  const command = text.split(' ').filter((word) => word !== '');
  if (command[0]?.startsWith('/')) return { command, plain: true };
  const message = `--${option} takes a command that begins with an absolute path, not \`${text}'`;
  throw new Fault('invalid-option', message, { option, value: text });
}
