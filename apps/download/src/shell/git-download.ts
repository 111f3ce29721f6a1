/** `builtin:git-download`, as Guix's derivations use it: the files of one commit, without the repository. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import { isSymbol, readDatum } from '../core/datum.ts';
import { type DownloadRequest, neededAttribute, outputName, urlsIn } from '../core/request.ts';
import { say } from './speech.ts';

/** What git may speak. Others read local files (`file`) or run programs (`ext`, `ssh`). */
const protocols = 'git:http:https';

/** Makes the output. Throws the fault `download-failed`. */
export async function gitDownload(request: DownloadRequest): Promise<void> {
  const { attributes, output } = request;
  const name = outputName(output);
  const [url] = urlsIn(neededAttribute(request, 'url', `${name}: missing Git URL`));
  const commit = neededAttribute(request, 'commit', `${name}: missing Git commit`);
  if (url === undefined) throw new Fault('download-failed', `${name}: missing Git URL`);
  if (commit.startsWith('-')) throw new Fault('download-failed', `${name}: \`${commit}' is no commit`);
  mkdirSync(output, { mode: 0o755 });
  checkOut(output, url, commit);
  const { 'recursive?': recursive = '#f' } = attributes;
  if (isTrue(recursive)) run(output, ['submodule', 'update', '--init', '--recursive', '--depth=1']);
  removeRepositories(output);
}

function isTrue(text: string): boolean {
  const datum = readDatum(text);
  return isSymbol(datum, '#t') || isSymbol(datum, '#true');
}

/** The commit alone where the server gives it, else all there is: servers need not hand out what no branch points to. */
function checkOut(output: string, url: string, commit: string): void {
  run(output, ['init', '--quiet', '--initial-branch=main', '--template=']);
  run(output, ['remote', 'add', '--', 'origin', url]);
  if (attempt(output, ['fetch', '--quiet', '--depth=1', '--', 'origin', commit])) {
    run(output, ['checkout', '--quiet', 'FETCH_HEAD', '--']);
    return;
  }
  say(`Failed to do a shallow fetch; retrying a full fetch...\n`);
  run(output, ['fetch', '--quiet', '--tags', '--', 'origin', '+refs/*:refs/fetched/*']);
  run(output, ['checkout', '--quiet', '--detach', commit, '--']);
}

function run(directory: string, words: readonly string[]): void {
  if (!attempt(directory, words)) throw new Fault('download-failed', `git ${words[0]} failed in ${directory}`);
}

function attempt(cwd: string, words: readonly string[]): boolean {
  const { status, error } = spawnSync('git', words, { cwd, stdio: ['ignore', 2, 2], env: environment() });
  if (error !== undefined) throw new Fault('download-failed', `cannot run git: ${error.message}`, {}, { cause: error });
  return status === 0;
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    GIT_ALLOW_PROTOCOL: protocols,
    GIT_CONFIG_NOSYSTEM: '1',
    // The hash of the output decides, whoever the server is.
    GIT_SSL_NO_VERIFY: 'true',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** Removes `.git` everywhere: what git writes there differs from time to time. */
function removeRepositories(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`;
    if (entry.name === '.git') rmSync(path, { recursive: true, force: true });
    else if (entry.isDirectory()) removeRepositories(path);
  }
}
