/** S59: nothing below the directories of the daemon can be written by just anybody, nor entered where it is private. */
import { lstatSync, readdirSync } from 'node:fs';
import t from 'tap';
import { shell, startTable } from '../scheduler/running-table.ts';

/** Paths below `directory` that everybody may write: neither links, nor sticky directories. */
function open(directory: string): readonly string[] {
  const entries = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return entries.filter((name) => {
    const status = lstatSync(`${directory}/${name}`, { throwIfNoEntry: false });
    if (status === undefined || status.isSymbolicLink() || status.isSocket()) return false;
    return (status.mode & 0o002) !== 0;
  });
}

t.test('S59: while builds run, and after', async (t) => {
  const table = await startTable(t);
  let meanwhile: readonly string[] = [];
  const target = await table.add(
    shell('opens', 'chmod 777 . ..; mkdir $out; chmod 777 $out/.; echo on; chmod 755 $out'),
  );
  const { results } = await table.scheduler.call(
    'realise',
    { targets: [target], mode: 'normal', options: {} },
    {
      onItem: (event) => {
        if (event.event === 'build-log') meanwhile = reachable(table.directory);
      },
    },
  );
  t.equal(results[0]?.status, 'built');
  t.same(meanwhile, []);
  t.same(reachable(table.directory), []);
  for (const name of ['state/run', 'store/.cooper'])
    t.equal(lstatSync(`${table.directory}/${name}`).mode & 0o007, 0, `${name} is out of reach`);
});

/** What can be written, but for what lies in directories that nobody else can enter. */
function reachable(directory: string): readonly string[] {
  return open(directory).filter((name) => {
    const parents = name.split('/').slice(0, -1);
    return parents.every((_, at) => {
      const parent = lstatSync(`${directory}/${parents.slice(0, at + 1).join('/')}`, { throwIfNoEntry: false });
      return parent === undefined || (parent.mode & 0o001) !== 0;
    });
  });
}
