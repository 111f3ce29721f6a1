/** `builtin:git-download`: the files of a commit, from a server that is git's own; S80 as far as git goes. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { storePathBaseName } from '@cooper/store-path';
import t, { type Test } from 'tap';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { kinds, TestBuilder } from './builder.ts';

const skip = spawnSync('git', ['--version']).status === 0 ? false : 'needs git';

function git(cwd: string, ...words: readonly string[]): string {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'protocol.file.allow=always'];
  const { status, stdout, stderr } = spawnSync('git', [...identity, ...words], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** A repository with two commits, below a new directory; gives that and the first commit. */
function makeRepository(t: Test): { readonly base: string; readonly commit: string } {
  const base = temporaryDirectory(t);
  git(base, 'init', '--quiet', '--initial-branch=main', 'project');
  const project = join(base, 'project');
  writeFileSync(join(project, 'file'), 'first\n');
  git(project, 'add', '.');
  git(project, 'commit', '--quiet', '--message=first');
  const commit = git(project, 'rev-parse', 'HEAD');
  writeFileSync(join(project, 'file'), 'second\n');
  git(project, 'commit', '--quiet', '--all', '--message=second');
  git(project, 'tag', 'v2');
  git(project, 'update-server-info');
  return { base, commit };
}

async function listen(t: Test, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** git's own server, for each connection anew. */
function gitServer(t: Test, base: string): Promise<number> {
  const words = ['daemon', '--inetd', '--export-all', `--base-path=${base}`, '--enable=upload-pack', base];
  const server = createServer((socket) => {
    const child = spawn('git', words, { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, HOME: base } });
    socket.on('error', () => socket.destroy());
    child.stdin.on('error', () => socket.destroy());
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
  });
  return listen(t, server);
}

/** Files as they are: a server that knows nothing of git, and cannot give a single commit. */
function fileServer(t: Test, base: string): Promise<number> {
  const server = createHttpServer((request, response) => {
    const file = join(base, `${request.url}`.replace(/\?.*/, ''));
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  return listen(t, server);
}

t.setTimeout(240_000);

for (const [kind, options] of kinds) {
  t.test(`for ${kind}`, { skip }, async (t) => {
    t.setTimeout(120_000);
    const builder = new TestBuilder({ ...options, words: ['--network-helper=none'] });
    t.teardown(() => builder.remove());
    const { base, commit } = makeRepository(t);
    const run = async (attributes: Readonly<Record<string, string>>) => {
      const environment = Object.entries(attributes);
      const job = builder.job({
        builder: Buffer.from('builtin:git-download'),
        network: 'host',
        fixedContents: { hash: `sha256:${createHash('sha256').digest('hex')}`, recursive: true },
        environment: environment.map(([name, value]) => ({ name: Buffer.from(name), value: Buffer.from(value) })),
      });
      const { outcome, log } = await builder.offer(job);
      return {
        outcome,
        log: `${log}`,
        tree: `${Buffer.from(job.directory)}/store/${storePathBaseName(builder.path('trial', '1'))}`,
      };
    };

    t.test('one commit, and nothing of the repository', async (t) => {
      const port = await gitServer(t, base);
      const { outcome, log, tree } = await run({ url: `"git://127.0.0.1:${port}/project"`, commit });
      t.match(outcome, { status: 'succeeded' }, log);
      t.same(readdirSync(tree), ['file']);
      t.equal(readFileSync(join(tree, 'file'), 'utf8'), 'first\n');
    });

    t.test('a tag, and a server that gives no single commit', async (t) => {
      const port = await fileServer(t, base);
      const { outcome, log, tree } = await run({ url: `"http://127.0.0.1:${port}/project/.git"`, commit: 'v2' });
      t.match(outcome, { status: 'succeeded' }, log);
      t.equal(readFileSync(join(tree, 'file'), 'utf8'), 'second\n');
    });

    t.test('S80: git reads no local repository and runs no program', async (t) => {
      const mark = join(base, 'pwned');
      for (const url of [
        `file://${base}/project`,
        `${base}/project`,
        `ext::touch ${mark}`,
        `--upload-pack=touch ${mark}`,
      ]) {
        const { outcome, log } = await run({ url: `"${url}"`, commit });
        t.match(outcome, { status: 'failed', exitCode: 1 }, url);
        t.notMatch(log, 'bug');
      }
      const { outcome } = await run({ url: '"http://127.0.0.1:9/"', commit: '--upload-pack=touch /tmp/x' });
      t.match(outcome, { status: 'failed', exitCode: 1 });
      t.notOk(existsSync(mark));
    });
  });
}
