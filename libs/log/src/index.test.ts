import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { type LogOptions, makeLog, printable } from './index.ts';

function record(level?: LogOptions['level']) {
  const lines: string[] = [];
  const log = makeLog('cooper-test', { ...(level && { level }), write: (line) => lines.push(line) });
  return { log, lines };
}

t.test('an entry names its process, its level and its facts', async (t) => {
  const { log, lines } = record('debug');
  log.error('the disk is full', { path: '/gnu/store', free: 0 });
  log.warning('late');
  log.info('ready', { name: 'two words', empty: '', quote: '"', sum: 'a=b' });
  log.debug('detail', { nothing: undefined });
  t.strictSame(lines, [
    'cooper-test: error: the disk is full path=/gnu/store free=0\n',
    'cooper-test: warning: late\n',
    'cooper-test: ready name="two words" empty="" quote="\\"" sum="a=b"\n',
    'cooper-test: debug: detail nothing=undefined\n',
  ]);
});

t.test('less important entries are left out', async (t) => {
  const { log, lines } = record('warning');
  log.error('1');
  log.warning('2');
  log.info('3');
  log.debug('4');
  t.equal(lines.length, 2);
});

t.test('no text can move the cursor or pass for a line of its own', async (t) => {
  const { log, lines } = record();
  log.info('a\nerror: forged\r\x1b[2K\u202e', { name: 'x\ny\u0085' });
  t.strictSame(lines, ['cooper-test: a name="x\\ny\\x85"\ncooper-test: | error: forged\\x0d\\x1b[2K\\u202e\n']);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      lines.length = 0;
      log.info(text, { text });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
      return lines.every((line) => !/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(line) && /^(cooper-test: .*\n)+$/.test(line));
    }),
  );
});

t.test('printable text stays as it is', async (t) => {
  for (const text of ['', 'plain', 'Füße, 木, \ttab', '👩‍🔬']) t.equal(printable(text), text);
});

t.test('a whole stack reaches standard error before the process ends', async (t) => {
  const program = `
    import { makeLog } from ${JSON.stringify(fileURLToPath(new URL('index.ts', import.meta.url)))};
    makeLog('p').error('x'.repeat(200000) + '\\nend');
    process.exit(3);`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  t.equal(status, 3);
  t.match(stderr, /x\np: \| end\n$/);
  t.ok(stderr.length > 200_000);
});

t.test('a process whose log nobody reads goes on', async (t) => {
  const program = `
    import { makeLog } from ${JSON.stringify(fileURLToPath(new URL('index.ts', import.meta.url)))};
    for (let n = 0; n < 1000; n++) makeLog('p').error('x'.repeat(1000));
    process.exit(3);`;
  const { stdout } = spawnSync(
    '/bin/sh',
    [
      '-c',
      '{ "$@"; echo $? >&3; } 2>&1 3>"$STATUS" | true; exec cat "$STATUS"',
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      program,
    ],
    { encoding: 'utf8', env: { ...process.env, STATUS: `${t.testdir()}/status` } },
  );
  t.equal(stdout, '3\n');
});
