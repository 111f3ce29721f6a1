/**
 * `main.ts CONTRACT [--only=NAME,…] -- COMMAND…` tries every scenario of a contract on the program that COMMAND starts,
 * which serves the contract on its standard input and output. `{store}`, `{state}`, `{cache}` and `{configuration}` in
 * COMMAND become directories made for the trial. (A launcher has its channel on descriptor 3; a scheduler has a store there,
 * and listens for build agents at `{agents}`.) Prints a line for each scenario; exits with 1 if one does not hold, with 2 for misuse.
 */
import { kits } from './kits.ts';
import { fillIn, makePlace } from './place.ts';
import { tryScenarios, type Verdict } from './scenario.ts';

const usage = `Usage: cooper conformance CONTRACT [--only=NAME,…] -- COMMAND…
CONTRACT is one of: ${Object.keys(kits).join(', ')}`;
const words = process.argv.slice(2);
const mark = words.indexOf('--');
if (words[0] === '--help' || words[1] === '--help') {
  console.log(usage);
  process.exit();
}
const [contract = '', ...options] = mark < 0 ? words : words.slice(0, mark);
const command = mark < 0 ? [] : words.slice(mark + 1);
const kit = kits[contract];
if (kit === undefined) misuse(`there is no contract \`${contract}'`);
if (command.length === 0) misuse('no command is given');
const only = options
  .find((word) => word.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');

const place = makePlace();
let failed = 0;
let tried = 0;
try {
  const scenarios = kit.scenarios(place).filter(({ name }) => only === undefined || only.includes(name));
  const start = async () => kit.start(fillIn(command, place), place);
  for await (const verdict of tryScenarios(scenarios, start, undefined)) {
    tried++;
    if (verdict.violation !== undefined) failed++;
    console.log(formatVerdict(verdict));
  }
} finally {
  place.remove();
}
console.log(`${tried - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && tried > 0 ? 0 : 1;

function formatVerdict({ name, about, violation, log = '' }: Verdict): string {
  if (violation === undefined) return `ok      ${name}: ${about}`;
  const said = log.trimEnd() === '' ? '' : `\n${log.trimEnd().replace(/^/gm, '        | ')}`;
  return `FAILED  ${name}: ${about}\n        ${violation}${said}`;
}

function misuse(text: string): never {
  console.error(`conformance: ${text}\n${usage}`);
  process.exit(2);
}
