/**
 * Installs the packages of package-lock.json, among them the pinned Node that runs everything else. The lock file's
 * digest is kept in node_modules: while it agrees, there is nothing to do.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupProblem, say } from './step.mjs';

const oldestNode = 20;

/** @param {string} root The checkout. */
export function installDependencies(root) {
  const stampFile = join(root, 'node_modules/.installed');
  const stamp = installationStamp(root);
  if (readStamp(stampFile) === stamp && existsSync(join(root, 'node_modules/.bin/node'))) return;
  checkNode();
  rmSync(stampFile, { force: true });
  runNpm(root);
  linkNode(root);
  writeFileSync(stampFile, stamp);
}

/**
 * What is installed follows from the lock file and the machine.
 * @param {string} root
 */
function installationStamp(root) {
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return `${digest} ${process.platform}-${process.arch}\n`;
}

/** @param {string} file */
function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNode) throw new SetupProblem(`Node ${oldestNode} or newer is wanted, this is ${process.version}`);
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new SetupProblem(`Cooper runs on Linux on x64 and arm64, not on ${process.platform}-${process.arch}`);
  }
}

/**
 * A fresh clone gets exactly the lock file (`npm ci`). Where packages are installed already they are brought up to date in
 * place: `npm ci` would remove them first, under the feet of whatever runs.
 * @param {string} root
 */
function runNpm(root) {
  const fresh = !existsSync(join(root, 'node_modules'));
  const args = fresh ? ['ci'] : ['install', '--no-save'];
  say(fresh ? 'installing packages (once; about a minute)' : 'package-lock.json has changed: installing packages');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const { npm_node_execpath: node, npm_execpath: npm } = process.env;
  // npm's own Node, where npm started us: the first `node' of the path may be the one that npm is about to replace.
  if (node !== undefined && npm !== undefined) run(node, [npm, ...args, ...quiet], { cwd: root });
  else run('npm', [...args, ...quiet], { cwd: root });
}

/**
 * npm before version 11 leaves out this link, when two platforms' packages want the name.
 * @param {string} root
 */
function linkNode(root) {
  const link = join(root, 'node_modules/.bin/node');
  const target = `../node-${process.platform}-${process.arch}/bin/node`;
  if (!existsSync(join(root, 'node_modules/.bin', target)))
    throw new SetupProblem('npm did not install the pinned Node');
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(target, link);
}
