/**
 * The commands of README.md, docs and the READMEs of the parts exist as they are written: each subcommand, and each option that
 * is given to it, stands in what `--help` says. What else a command does is for the tests of that command.
 */
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const executable = `${root}apps/cli/bin/cooper`;
const pages = [
  'README.md',
  ...globSync('docs/**/*.md', { cwd: root }),
  ...globSync('{apps,native,examples}/*/README.md', { cwd: root }),
];

interface Command {
  readonly page: string;
  readonly words: readonly string[];
}

/** What stands in backticks, and lines of indented blocks, that begin with `cooper` and a word. */
const written = /`(?:npx )?cooper (?<quoted>[a-z][^`]*)`|^ {4}(?:sudo )?(?:npx )?cooper (?<block>[a-z].*)$/gm;

/** The commands of a page; what follows `--`, a pipe or a comment is another program's. */
function commandsOf(page: string): Command[] {
  const text = readFileSync(`${root}${page}`, 'utf8');
  return [...text.matchAll(written)].map(({ groups = {} }) => {
    const [own = ''] = `${groups['quoted'] ?? groups['block']}`.split(/ -- |[|<>#&;]/);
    return { page, words: own.trim().split(/\s+/) };
  });
}

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

const commands = pages.flatMap(commandsOf);
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
