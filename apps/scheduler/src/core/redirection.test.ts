import type { Job } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { redirectJob } from './redirection.ts';

const path = (letter: string, name: string) => `/gnu/store/${letter.repeat(32)}-${name}` as StorePath;
const bytes = (text: string) => Buffer.from(text, 'latin1');
const hash = (letter: string) => letter.repeat(32);

const job = {
  builder: bytes(`/bin/${hash('a')}`),
  args: [bytes(`--prefix=${path('a', 'app')}`), bytes('plain')],
  environment: [{ name: bytes(hash('b')), value: bytes(`\xff${hash('a')}${hash('b')}`) }],
  files: [{ name: 'graph', contents: bytes(`${path('a', 'app')}\n${path('c', 'lib')}\n`) }],
  outputs: [
    { name: 'out', path: path('a', 'app') },
    { name: 'doc', path: path('d', 'app-doc') },
  ],
} as unknown as Job;

t.test('a redirected job knows the scratch paths only', async (t) => {
  const redirections = [
    { name: 'out', path: path('a', 'app'), scratch: path('b', 'app') },
    { name: 'lib', path: path('b', 'app-lib'), scratch: path('x', 'app-lib') },
  ];
  const redirected = redirectJob(job, redirections);
  t.same(redirected.builder, bytes(`/bin/${hash('b')}`));
  t.same(redirected.args, [bytes(`--prefix=${path('b', 'app')}`), bytes('plain')]);
  t.same(
    redirected.environment,
    [{ name: bytes(hash('x')), value: bytes(`\xff${hash('b')}${hash('x')}`) }],
    'what was put in is not replaced again, and other bytes are kept',
  );
  t.same(redirected.files, [{ name: 'graph', contents: bytes(`${path('b', 'app')}\n${path('c', 'lib')}\n`) }]);
  t.same(redirected.outputs, [
    { name: 'out', path: path('b', 'app') },
    { name: 'doc', path: path('d', 'app-doc') },
  ]);
});

t.test('a job without redirections stays what it is', async (t) => {
  t.equal(redirectJob(job, []), job);
});
