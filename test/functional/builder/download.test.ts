/** Built-in builders, in the sandbox like any other: S80, and what Guix's and Nix's derivations ask of them. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Job } from '@cooper/contracts';
import { NarWriter } from '@cooper/nar';
import { type StorePath, storePathBaseName } from '@cooper/store-path';
import t, { type Test } from 'tap';
import { kinds, TestBuilder } from './builder.ts';

const contents = Buffer.from('hello, world\n');
/** A key and a certificate that nobody vouches for. */
function makeCertificate(): { readonly key: string; readonly cert: string } | undefined {
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=nobody', '-keyout', '-', '-out', '-'];
  const { status, stdout } = spawnSync('openssl', words, { encoding: 'utf8' });
  return status === 0 ? { key: stdout, cert: stdout } : undefined;
}

const certificate = makeCertificate();
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Serves until the test ends, and gives its address. */
async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Files by path; others are not there. */
const files =
  (served: Readonly<Record<string, Buffer | string>>): RequestListener =>
  (request, response) => {
    const found = served[`${request.url}`];
    if (typeof found === 'string') response.writeHead(302, { location: found }).end();
    else response.writeHead(found === undefined ? 404 : 200, { 'content-length': found?.length ?? 0 }).end(found);
  };

/** Makes a store item that is a file, and gives its path. */
function writeInput(builder: TestBuilder, name: string, text: string): StorePath {
  const path = builder.path(name, '3');
  writeFileSync(path, text);
  return path;
}

/** As Guix writes it, but for the address. */
function contentMirrors(url: string): string {
  return `(begin (use-modules (guix base16) (guix base32))
    (define (guix-publish host) (lambda (file algo hash)
      (string-append "${url}" host "/file/" file "/" (symbol->string algo) "/" (bytevector->base16-string hash))))
    (list (guix-publish "/absent") (lambda (file algo hash) (nonsense)) (guix-publish "")))`;
}

function archiveOf(bytes: Uint8Array): Buffer {
  const chunks: Buffer[] = [];
  const writer = new NarWriter((chunk) => chunks.push(Buffer.from(chunk)));
  writer.file(false, bytes.length);
  writer.contents(bytes);
  writer.endFile();
  writer.flush();
  return Buffer.concat(chunks);
}

/** A job for the built-in builder `name`. */
function builtin(builder: TestBuilder, name: string, attributes: Readonly<Record<string, string>>): Job {
  const environment = Object.entries({ ...attributes, NODE_OPTIONS: '--nonsense', LD_PRELOAD: '/nonsense' });
  return builder.job({
    builder: Buffer.from(`builtin:${name}`),
    args: [],
    network: 'host',
    fixedContents: { hash: `sha256:${sha256(contents)}`, recursive: false },
    environment: environment.map(([name, value]) => ({ name: Buffer.from(name), value: Buffer.from(value) })),
  });
}

t.setTimeout(420_000);

for (const [kind, options] of kinds) {
  t.test(`for ${kind}`, async (t) => {
    t.setTimeout(200_000);
    const builder = new TestBuilder({ ...options, words: ['--network-helper=none'] });
    t.teardown(() => builder.remove());
    const run = async (name: string, attributes: Readonly<Record<string, string>>, changes: Partial<Job> = {}) => {
      const job = { ...builtin(builder, name, attributes), ...changes };
      const done = await builder.offer(job);
      return {
        done,
        log: `${done.log}`,
        file: join(`${Buffer.from(job.directory)}`, 'store', storePathBaseName(builder.path('trial', '1'))),
      };
    };

    t.test('a file is downloaded', async (t) => {
      const url = await serve(t, files({ '/hello': contents }));
      const { done, log, file } = await run('download', { url: `"${url}/hello"` });
      t.match(done.outcome, { status: 'succeeded' }, log);
      t.ok(readFileSync(file).equals(contents));
      t.match(log, `From ${url}/hello...`);
    });

    t.test('the first of several URLs that gives the right file, wherever it sends on to', async (t) => {
      const url = await serve(t, files({ '/wrong': Buffer.from('other'), '/moved': '/right', '/right': contents }));
      const urls = `("${url}/absent" "${url}/wrong" "nonsense" "${url}/moved")`;
      const { done, log, file } = await run('download', { url: urls, executable: '1' });
      t.match(done.outcome, { status: 'succeeded' }, log);
      t.ok(readFileSync(file).equals(contents));
      t.equal(statSync(file).mode & 0o777, 0o755);
      t.match(log, `${url}/absent: 404 Not Found`);
    });

    t.test('contents that nobody has otherwise are left for the store to refuse', async (t) => {
      const url = await serve(t, files({ '/wrong': Buffer.from('other') }));
      const { done, file } = await run('download', { url: `"${url}/wrong"` });
      t.match(done.outcome, { status: 'succeeded' });
      t.equal(`${readFileSync(file)}`, 'other');
    });

    t.test('a server that is overloaded, or breaks off, is asked again', async (t) => {
      const answers = [
        (response: ServerResponse) => response.writeHead(503).end(),
        (response: ServerResponse) => {
          response.writeHead(200, { 'content-length': '13' }).write('hello');
          setImmediate(() => response.destroy());
        },
        (response: ServerResponse) => response.end(contents),
      ];
      const url = await serve(t, (_, response) => answers.shift()?.(response));
      const { done, log, file } = await run('download', { url: `"${url}/"` });
      t.match(done.outcome, { status: 'succeeded' }, log);
      t.ok(readFileSync(file).equals(contents));
    });

    t.test('progress in the lines that clients read', async (t) => {
      const url = await serve(t, files({ '/hello': contents }));
      const { log } = await run('download', { url: `"${url}/hello"` }, { downloadTrace: true });
      const path = builder.path('trial', '1');
      t.equal(
        log,
        [
          `@ download-started ${path} ${url}/hello 13`,
          `@ download-progress ${path} ${url}/hello 13 13`,
          `@ download-succeeded ${path} ${url}/hello 13`,
          '',
        ].join('\n'),
      );
    });

    t.test('mirrors, by name and by contents', async (t) => {
      const hash = createHash('sha256').update(contents).digest('hex');
      const url = await serve(t, files({ '/gnu/a/hello': contents, [`/file/trial/sha256/${hash}`]: contents }));
      const mirrors = writeInput(builder, 'mirrors', `((gnome "${url}/x/") (gnu "${url}/none" "${url}/gnu"))`);
      const inputs = [mirrors];
      const named = await run('download', { url: '"mirror://gnu/a/hello"', mirrors }, { inputs });
      t.match(named.done.outcome, { status: 'succeeded' }, named.log);
      const byContents = writeInput(builder, 'by-contents', contentMirrors(url));
      const found = await run(
        'download',
        { url: `"${url}/absent"`, 'content-addressed-mirrors': byContents },
        { inputs: [byContents] },
      );
      t.match(found.done.outcome, { status: 'succeeded' }, found.log);
    });

    t.test(
      'S80: a certificate does not count, the hash does',
      { skip: certificate === undefined && 'needs openssl' },
      async (t) => {
        const server = createSecureServer(certificate ?? {}, files({ '/hello': contents }));
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        t.teardown(() => new Promise((resolve) => server.close(resolve)));
        const url = `https://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}/hello`;
        const { done, log } = await run('download', { url: `"${url}"` });
        t.match(done.outcome, { status: 'succeeded' }, log);
        t.notMatch(log, 'secret');
      },
    );

    t.test('S80: no code of a mirrors file runs', async (t) => {
      const code = [
        '#.(system "echo pwned")',
        '((gnu #.(system "echo pwned")))',
        '(begin (system "echo pwned") (list (lambda (file algo hash) (system "echo pwned"))))',
      ];
      for (const [index, text] of code.entries()) {
        const file = writeInput(builder, `code-${index}`, text);
        const attributes = { url: '"mirror://gnu/x"', mirrors: file, 'content-addressed-mirrors': file };
        const { done, log } = await run('download', attributes, { inputs: [file] });
        t.match(done.outcome, { status: 'failed', exitCode: 1 }, text);
        t.notMatch(log, /^pwned/m);
        t.match(log, 'failed to download');
      }
    });

    t.test('S80: nothing is read but what is on the network', async (t) => {
      const url = await serve(t, files({ '/local': 'file:///etc/passwd', '/loop': '/loop' }));
      const link = builder.path('link', '4');
      symlinkSync('/etc/passwd', link);
      for (const target of ['file:///etc/passwd', '/etc/passwd', 'data:,x', `${url}/local`, `${url}/loop`]) {
        const { done, log } = await run('download', { url: `"${target}"`, mirrors: link }, { inputs: [link] });
        t.match(done.outcome, { status: 'failed', exitCode: 1 }, target);
        t.notMatch(log, 'root:', 'S80: symlinked mirrors file');
      }
    });

    t.test('what is no fixed output, or no built-in builder', async (t) => {
      const { fixedContents: _, ...open } = builtin(builder, 'download', { url: '"http://127.0.0.1:9/"' });
      const done = await builder.offer(open);
      t.match(done.outcome, { status: 'failed', exitCode: 1 });
      t.equal(`${done.log}`, 'error: trial is no fixed output\n');
      const { log } = await run('nothing', {});
      t.equal(log, "error: unsupported builtin function 'nothing'\n");
    });

    t.test('fetchurl: plain, executable, and unpacked', async (t) => {
      const archive = archiveOf(contents);
      const url = await serve(t, files({ '/hello': contents, '/hello.nar': archive }));
      const plain = await run('fetchurl', { url: `${url}/hello` });
      t.match(plain.done.outcome, { status: 'succeeded' }, plain.log);
      t.equal(statSync(plain.file).mode & 0o111, 0);
      const program = await run('fetchurl', { url: `${url}/hello`, executable: '1' });
      t.equal(statSync(program.file).mode & 0o777, 0o755);
      const unpacked = await run('fetchurl', { url: `${url}/hello.nar`, unpack: '1' });
      t.match(unpacked.done.outcome, { status: 'succeeded' }, unpacked.log);
      t.ok(readFileSync(unpacked.file).equals(contents));
    });
  });
}
