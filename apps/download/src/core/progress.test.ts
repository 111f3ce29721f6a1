import t from 'tap';
import { Progress, printable, withoutCredentials } from './progress.ts';

function lines(traced: boolean): { readonly said: string[]; readonly progress: Progress } {
  const said: string[] = [];
  const about = { file: '/gnu/store/x-file', url: 'http://user:secret@a/b c', traced };
  return { said, progress: new Progress(about, (text) => said.push(text)) };
}

t.test('what clients read: not more often than twice a second, and always at the end', async (t) => {
  const { said, progress } = lines(true);
  progress.start(100, 0);
  for (let now = 10; now <= 1000; now += 10) progress.advance(1, now);
  progress.finish();
  t.same(said, [
    '@ download-started /gnu/store/x-file http://a/b%20c 100\n',
    '@ download-progress /gnu/store/x-file http://a/b%20c 100 50\n',
    '@ download-progress /gnu/store/x-file http://a/b%20c 100 100\n',
    '@ download-progress /gnu/store/x-file http://a/b%20c 100 100\n',
    '@ download-succeeded /gnu/store/x-file http://a/b%20c 100\n',
  ]);
});

t.test('what people read', async (t) => {
  const { said, progress } = lines(false);
  progress.start(undefined, 0);
  progress.advance(7, 1000);
  progress.finish();
  t.same(said, ['/gnu/store/x-file: 7 bytes\n']);
});

t.test('S75, S80: no passwords, and no words or lines of somebody else', async (t) => {
  t.equal(printable('http://a:b@c/d\n@ build-failed x'), 'http://c/d%0A@%20build-failed%20x');
  t.equal(withoutCredentials('("https://u:p@h/x" "http://h@/y")'), '("https://h/x" "http:///y")');
  const hostile = 'a://'.repeat(100_000);
  const started = performance.now();
  withoutCredentials(hostile);
  t.ok(performance.now() - started < 5000);
});
