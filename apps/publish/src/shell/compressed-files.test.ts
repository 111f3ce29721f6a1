import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { temporaryDirectory } from '../../../../test/support/temporary-directory.ts';
import { CompressedFiles, type FileKey } from './compressed-files.ts';

const key = (digit: string): FileKey => ({
  narHash: `sha256:${digit.repeat(64)}`,
  choice: { compression: 'gzip', level: 6 },
});

async function keep(files: CompressedFiles, which: FileKey, bytes: string): Promise<void> {
  const draft = await files.begin(which);
  await draft?.write(Buffer.from(bytes));
  await draft?.keep();
  await draft?.close();
}

t.test('a file is found when it is whole', async (t) => {
  const directory = temporaryDirectory(t);
  const problems: string[] = [];
  const files = new CompressedFiles(directory, { limit: 1000, report: (problem) => problems.push(problem) });
  t.equal(await files.find(key('a')), undefined);
  const draft = await files.begin(key('a'));
  await draft?.write(Buffer.from('one '));
  t.equal(await files.begin(key('a')), undefined, 'one at a time');
  await draft?.write(Buffer.from('two'));
  t.equal(await files.find(key('a')), undefined);
  await draft?.keep();
  await draft?.close();
  const found = await files.find(key('a'));
  t.equal(found?.size, 7);
  t.equal(readFileSync(found?.path ?? '', 'utf8'), 'one two');
  const givenUp = await files.begin(key('b'));
  await givenUp?.write(Buffer.from('half'));
  await givenUp?.close();
  t.equal(readdirSync(directory).length, 1);
  t.ok(await files.begin(key('b')), 'and it can be begun again');
  t.same(problems, []);
});

t.test('what was not asked for longest goes', async (t) => {
  const directory = temporaryDirectory(t);
  const files = new CompressedFiles(directory, { limit: 25, report: t.fail });
  writeFileSync(join(directory, 'notes'), 'x'.repeat(100));
  for (const [index, digit] of ['1', '2'].entries()) {
    await keep(files, key(digit), '0123456789');
    utimesSync((await files.find(key(digit)))?.path ?? '', 1000 + index, 1000 + index);
  }
  await files.touch((await files.find(key('1')))?.path ?? '');
  await keep(files, key('3'), '0123456789');
  const left = await Promise.all(['1', '2', '3'].map(async (digit) => (await files.find(key(digit))) !== undefined));
  t.same(left, [true, false, true]);
  t.ok(readdirSync(directory).includes('notes'), 'what is not ours stays');
});

t.test('what an earlier process did not finish goes at the start', async (t) => {
  const directory = temporaryDirectory(t);
  const before = new CompressedFiles(directory, { limit: 100, report: t.fail });
  await keep(before, key('1'), '0123456789');
  await (await before.begin(key('2')))?.write(Buffer.from('half'));
  t.equal(readdirSync(directory).length, 2);
  await new CompressedFiles(directory, { limit: 100, report: t.fail }).clean();
  t.same(readdirSync(directory), [`sha256-${'1'.repeat(64)}.gzip-6`]);
  await new CompressedFiles(directory, { limit: 5, report: t.fail }).clean();
  t.same(readdirSync(directory), []);
});

t.test('what cannot be written is told, and is no error', async (t) => {
  const directory = join(temporaryDirectory(t), 'kept');
  const problems: string[] = [];
  const files = new CompressedFiles(directory, { limit: 100, report: (problem) => problems.push(problem) });
  rmSync(directory, { recursive: true });
  const draft = await files.begin(key('1'));
  await draft?.write(Buffer.from('one'));
  await draft?.write(Buffer.from('two'));
  await draft?.keep();
  await draft?.close();
  t.match(problems, [/^cannot keep .*: ENOENT/]);
  t.equal(problems.length, 1);
  mkdirSync(directory);
  writeFileSync(join(directory, 'file'), '');
  const nowhere = () => new CompressedFiles(join(directory, 'file', 'below'), { limit: 1, report: t.fail });
  t.throws(nowhere, { code: 'file-system-error' });
});
