/**
 * A process that exchanges two entries of a directory over and over, until its standard input ends; the directory may
 * come and go meanwhile. Says "ready" when it has begun, and at the end how often it did. Arguments: the directory, and
 * the two names.
 */
import { close, O_DIRECTORY, O_RDONLY, openPath, RENAME_EXCHANGE, renameat } from '@cooper/system-calls';

const [path = '', first = '', second = ''] = process.argv.slice(2);
let exchanges = 0;
let isEnding = false;

process.stdin.resume().on('end', () => {
  isEnding = true;
});
process.stdout.write('ready\n');
exchangeForAWhile();

function exchangeForAWhile(): void {
  unlessGone(() => {
    const directory = openPath(path, O_RDONLY | O_DIRECTORY);
    for (let count = 0; count < 100; count++) unlessGone(() => exchange(directory));
    close(directory);
  });
  if (isEnding) process.stdout.write(`${exchanges}\n`);
  else setImmediate(exchangeForAWhile);
}

function exchange(directory: number): void {
  renameat({ directory, name: first }, { directory, name: second }, RENAME_EXCHANGE);
  exchanges++;
}

/** Whoever works on the tree may have removed, or not yet made, what is to be exchanged. */
function unlessGone(action: () => void): void {
  try {
    action();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
