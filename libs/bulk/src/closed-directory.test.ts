import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { closedDirectory } from './closed-directory.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulk-'));
t.teardown(() => rmSync(folder, { recursive: true }));

t.test('the first directory that is closed is named', async (t) => {
  mkdirSync(`${folder}/a/b`, { recursive: true });
  t.equal(closedDirectory(`${folder}/a/b/socket`), undefined);
  t.equal(closedDirectory(`${folder}/none/socket`), undefined, 'one that is not there is not closed');
});

t.test('for somebody else', { skip: process.getuid?.() !== 0 && 'only root can become another' }, async (t) => {
  chmodSync(folder, 0o755);
  chmodSync(`${folder}/a`, 0o700);
  const program = `
    const { closedDirectory } = await import(${JSON.stringify(new URL('closed-directory.ts', import.meta.url).href)});
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
    console.log(closedDirectory(${JSON.stringify(`${folder}/a/b/socket`)}));`;
  const words = ['--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  t.equal(stdout, `${folder}/a\n`, stderr);
});
