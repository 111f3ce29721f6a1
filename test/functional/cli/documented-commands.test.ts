/**
 * The commands of README.md, docs and the READMEs of the parts exist as they are written: each subcommand, and each option that
 * is given to it, stands in what `--help` says. That they work is for played-commands.test.ts.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { documentedCommands, executable } from './documented-commands.ts';

const helps = new Map<string, Promise<string>>();

/** What `cooper WORDS --help` says; empty when there is no such command. */
function helpFor(words: readonly string[]): Promise<string> {
  const key = words.join(' ');
  const known = helps.get(key);
  if (known !== undefined) return known;
  const help = promisify(execFile)(executable, [...words, '--help']).then(
    ({ stdout }) => stdout,
    () => '',
  );
  helps.set(key, help);
  return help;
}

/** The subcommand: the first word, or the first two where the first stands for several. */
async function subcommandOf([first = '', second = '']: readonly string[]): Promise<readonly string[]> {
  return (await helpFor([first])).includes('\nCommands:\n') && second !== '' ? [first, second] : [first];
}

/** What follows `--`, a pipe or a comment is another program's. */
const commands = documentedCommands().map(({ page, text }) => {
  const [own = ''] = text.split(/ -- |[|<>#&;]/);
  return { page, words: own.trim().split(/\s+/) };
});

t.ok(commands.length > 40, `${commands.length} commands`);

t.test('each is there, with its options', async (t) => {
  for (const { page, words } of commands) {
    const subcommand = await subcommandOf(words);
    const help = await helpFor(subcommand);
    t.match(help, `Usage: cooper ${subcommand.join(' ')}`, `${page}: cooper ${subcommand.join(' ')}`);
    for (const option of words.flatMap((word) => /^\[?(--[a-z-]+)/.exec(word)?.[1] ?? []))
      t.ok(help.includes(option), `${page}: cooper ${subcommand.join(' ')} ${option}`);
  }
});
