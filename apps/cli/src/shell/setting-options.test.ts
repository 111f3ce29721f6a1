import { Command } from 'commander';
import t from 'tap';
import { addSettings, invocationOf } from './setting-options.ts';

function given(...words: readonly string[]): ReturnType<typeof invocationOf> {
  const command = new Command('x').exitOverride().configureOutput({ writeErr: () => undefined });
  addSettings(command, [
    'store-dir',
    'max-jobs',
    'lose-logs',
    'log-compression',
    'sandbox-path',
    'impersonate-linux-2.6',
  ]);
  command.option('--other').action(() => undefined);
  command.parse(words, { from: 'user' });
  return invocationOf(command);
}

t.test('settings of every kind', async (t) => {
  t.same(given().given, {});
  const { given: values, settings } = given(
    ...['--store-dir', '/s', '-M', '4', '--lose-logs', '--log-compression=zstd', '--other'],
    ...['--sandbox-path', '/a', '--sandbox-path=/b=/c', '--impersonate-linux-2.6'],
  );
  t.same(values, {
    'store-dir': '/s',
    'max-jobs': '4',
    'lose-logs': true,
    'log-compression': 'zstd',
    'sandbox-path': ['/a', '/b=/c'],
    'impersonate-linux-2.6': true,
  });
  t.equal(settings.directories.store, '/s');
  t.equal(settings['max-jobs'], 4);
});

t.test('values that are none', async (t) => {
  t.throws(() => given('-M', 'many'), { code: 'invalid-option', message: "--max-jobs takes a number, not `many'" });
  t.throws(() => given('--store-dir', 's'), { code: 'invalid-option', message: /takes an absolute path/ });
  t.throws(() => given('--log-compression', 'xz'), { code: 'commander.invalidArgument' });
  t.throws(() => given('--store-dir'), { code: 'commander.optionMissingArgument' });
});
