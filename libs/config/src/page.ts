/** The page docs/configuration.md, written from the tables that are in force. */
import { resolveDirectories } from './directories.ts';
import { type Option, options } from './option.ts';
import { type ProcessEntry, processTable } from './process-table.ts';

/** The whole page. */
export function configurationPage(): string {
  return `${[head, settingsTable(), directoriesPart(), processesPart, tableOfProcesses()].join('\n\n')}\n`;
}

const head = `# Configuration

<!-- Generated from libs/config by \`npm run docs\`. -->

Every setting may be given on the command line (\`--max-jobs=4\`), some by the environment, and all of them in
\`cooper.json\` in the configuration directory: one JSON object whose names are those below, without the hyphens in
front. What is said first in this order counts: command line, environment, file, default. Names that Cooper does not know
are refused, wherever they stand.

\`\`\`json
{ "max-jobs": 4, "log-compression": "zstd", "sandbox-path": ["/bin/sh=/gnu/store/…-bash-static/bin/sh"] }
\`\`\`

Where root reads the file, it must be root's, and nobody else may be able to write to it.

## Settings`;

function settingsTable(): string {
  const rows = Object.entries(options).map(([name, option]: [string, Option]) => {
    const variables = (option.environment ?? []).map((variable) => `\`${variable}\``).join(', ');
    return `| \`${usage(name, option)}\` | ${fallbackOf(option)} | ${variables} | ${cell(option.about)} |`;
  });
  return ['| setting | default | environment | what it is |', '|---|---|---|---|', ...rows].join('\n');
}

function usage(name: string, option: Option): string {
  if (option.kind === 'flag') return `--${name}`;
  return `--${name}=${option.kind === 'choice' ? option.choices.join('\\|') : option.value}`;
}

function fallbackOf(option: Option): string {
  if (option.kind === 'flag' || option.kind === 'list') return '';
  if (option.kind === 'text') return option.fallback ?? 'see below';
  return String(option.fallback);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

const home = '/home/user';
const nothingChosen = {
  'store-dir': undefined,
  'state-dir': undefined,
  'log-dir': undefined,
  'database-dir': undefined,
  'configuration-dir': undefined,
};

function directoriesPart(): string {
  const of = (uid: number) => resolveDirectories(nothingChosen, { environment: { HOME: home }, uid });
  const [root, user] = [of(0), of(1000)];
  const rows = (Object.keys(root) as (keyof typeof root)[]).map(
    (name) => `| ${name} | \`${root[name]}\` | \`${user[name].replace(home, '~')}\` |`,
  );
  return `## Directories

Without a setting, they depend on who runs Cooper. A state directory elsewhere takes log, database and configuration with
it, unless they are given.

| directory | root | others |
|---|---|---|
${rows.join('\n')}

\`$XDG_STATE_HOME\` and \`$XDG_CONFIG_HOME\` stand for \`~/.local/state\` and \`~/.config\` where they are set. The system
is that of the machine, unless it is given; builds run as users of a private range, unless there is a group of build users.

\`COOPER_DEBUG=1\` in the environment has every process say more in its log.`;
}

const processesPart = `## Processes

\`processes\` in \`cooper.json\` changes the table of processes. One line puts another program in the place of one of
ours; it is started with the same words, and has the same rights. \`null\` leaves a process out. A name that is not in the
table adds a build agent, without rights or settings.

\`\`\`json
{ "processes": { "builder": { "command": ["/opt/bin/my-builder"] }, "farm": { "command": ["/opt/bin/farm", "--all"] } } }
\`\`\`

The words that a process is started with: \`--channel NAME=FD\` for each contract that it uses, on a connected socket;
\`--listen NAME=FD\` for each that it serves, on a listening one; \`--lifeline FD\`, whose end means that it has to end;
\`--user UID:GID\` if it is to become another user; and the settings. With \`"plain": true\` beside the command a program
that has one channel gets none of them: it speaks on its standard input and output, and ends when they do.

\`--substitute-agent=COMMAND\` is such a plain program in the place of \`substitute\`, and each \`--build-agent=COMMAND\` one more
build agent, asked in the order in which they are given, and before the builder of this machine. The words of COMMAND are
divided by spaces, and the first is an absolute path. With root the program runs as another user, who must be able to read it.`;

function tableOfProcesses(): string {
  const rows = processTable.map(
    ({ name, serves, uses, rights, death }) =>
      `| ${name} | ${serves.join(', ')} | ${uses.map(({ channel }) => channel).join(', ')} | ${rightsText(rights)} | ${deathText(death)} |`,
  );
  return [
    '| process | listens for | is connected to | keeps of root | when it dies |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function rightsText(rights: ProcessEntry['rights']): string {
  if (rights === 'all') return 'everything';
  if (rights === 'none' || rights === 'dropped') return 'nothing: another user';
  return rights.capabilities.map((name) => `\`${name}\``).join(', ');
}

function deathText(death: ProcessEntry['death']): string {
  return death === 'fatal' ? 'all are started afresh' : 'it is started again';
}
