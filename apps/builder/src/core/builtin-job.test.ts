import t from 'tap';
import { builtinJob, builtinName, type Toolbox } from './builtin-job.ts';
import { trialJob } from './trial-job.ts';

const toolbox: Toolbox = {
  node: '/opt/node/bin/node',
  libraries: ['/lib64/ld-linux-x86-64.so.2', '/lib/x86_64-linux-gnu/libc.so.6'],
  checkout: '/opt/cooper',
  system: ['/bin', '/usr'],
};

const variable = (name: string, value: string) => ({ name: Buffer.from(name), value: Buffer.from(value) });
const wish = trialJob({
  builder: Buffer.from('builtin:download'),
  environment: [variable('url', '"http://a/"'), variable('LD_PRELOAD', '/x'), variable('https_proxy', 'http://p')],
  fixedContents: { hash: 'sha256:00', recursive: false },
  sandboxPaths: [{ source: Buffer.from('/etc'), target: Buffer.from('/etc') }],
});

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

t.test('only builders with the prefix are built in', async (t) => {
  t.equal(builtinName(wish), 'download');
  t.equal(builtinName(trialJob()), undefined);
});

t.test('the program runs at a place that says nothing of the machine, with an environment of ours', async (t) => {
  const job = builtinJob(wish, 'download', toolbox);
  t.equal(text(job.builder), '/cooper/node');
  t.ok(job.args.some((word) => text(word) === '/cooper/apps/download/src/main.ts'));
  const names = job.environment.map(({ name }) => text(name));
  t.ok(names.includes('https_proxy'));
  t.notOk(names.includes('LD_PRELOAD') || names.includes('url'));
  const shown = job.sandboxPaths.map(({ source, target }) => `${text(target)}=${text(source)}`);
  t.ok(shown.includes('/cooper/node=/opt/node/bin/node'));
  t.ok(shown.includes('/lib64/ld-linux-x86-64.so.2=/lib64/ld-linux-x86-64.so.2'));
  t.notOk(
    shown.some((path) => path.startsWith('/etc')),
    'what others are shown is not for it',
  );
});

t.test('the derivation goes into the request', async (t) => {
  const { files } = builtinJob({ ...wish, downloadTrace: true }, 'download', toolbox);
  const request = JSON.parse(text(files[0]?.contents)) as Record<string, unknown>;
  t.match(request, {
    builtin: 'download',
    attributes: { url: '"http://a/"', LD_PRELOAD: '/x' },
    output: wish.outputs[0]?.path,
    hash: 'sha256:00',
    recursive: false,
    progress: true,
  });
});

t.test('what runs programs of the machine is shown where they are', async (t) => {
  const shown = builtinJob(wish, 'git-download', toolbox).sandboxPaths.map(({ target }) => text(target));
  t.ok(shown.includes('/usr'));
  t.notOk(shown.includes('/lib64/ld-linux-x86-64.so.2'));
});

t.test('without a sandbox everything is where it is', async (t) => {
  const job = builtinJob({ ...wish, sandbox: false }, 'download', toolbox);
  t.equal(text(job.builder), '/opt/node/bin/node');
  t.same(job.sandboxPaths, []);
});
