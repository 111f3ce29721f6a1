/**
 * Built-in builders: `builtin:download` and its like are programs of ours, which run where any other builder would, in the
 * same sandbox, as the same user. Pure: from the job that asks for one to the job that runs it.
 */
import { fromBytes, toText } from '@cooper/byte-string';
import type { Job, SandboxPath } from '@cooper/contracts';

/** Where on this machine the programs are. */
export interface Toolbox {
  /** The Node that runs us. */
  readonly node: string;
  /** The shared objects of that Node, under the names by which its loader finds them. */
  readonly libraries: readonly string[];
  /** The directory with `apps`, `libs` and `node_modules`. */
  readonly checkout: string;
  /** Directories of the host in which programs such as git find all that they need. */
  readonly system: readonly string[];
}

/** Where the sandbox shows what is ours: no path of the host is to be seen in it. */
const inside = '/cooper';

/** What of the checkout is shown. */
const parts = ['apps/download', 'libs', 'node_modules/@cooper'];

const requestFile = '.download.json';

/** Variables that say which proxies there are. Nothing else of an environment concerns a download. */
const proxies: ReadonlySet<string> = new Set(
  ['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]),
);

/** The name behind `builtin:`; nothing for other builders. */
export function builtinName(job: Job): string | undefined {
  const builder = Buffer.from(job.builder).toString();
  return builder.startsWith('builtin:') ? builder.slice('builtin:'.length) : undefined;
}

/** The job that does what `job` asks of the built-in builder `name`. */
export function builtinJob(job: Job, name: string, toolbox: Toolbox): Job {
  const checkout = job.sandbox ? inside : toolbox.checkout;
  const program = `${checkout}/apps/download/src/main.ts`;
  return {
    ...job,
    builder: Buffer.from(job.sandbox ? `${inside}/node` : toolbox.node),
    args: ['--disable-warning=ExperimentalWarning', program, requestFile].map((word) => Buffer.from(word)),
    environment: [
      ...job.environment.filter((variable) => proxies.has(Buffer.from(variable.name).toString())),
      ...settings(toolbox),
    ],
    directoryVariables: ['TMPDIR', 'PWD'],
    fileVariables: [],
    files: [{ name: requestFile, contents: Buffer.from(JSON.stringify(request(job, name))) }],
    sandboxPaths: job.sandbox ? shown(name, toolbox) : [],
  };
}

function settings({ libraries }: Toolbox): Job['environment'] {
  const directories = new Set(libraries.map((path) => path.slice(0, path.lastIndexOf('/'))));
  const variables = {
    HOME: '/homeless-shelter',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    // What no cache of the loader says in the sandbox.
    LD_LIBRARY_PATH: [...directories].join(':'),
    NODE_USE_SYSTEM_CA: '0',
  };
  return Object.entries(variables).map(([name, value]) => ({ name: Buffer.from(name), value: Buffer.from(value) }));
}

/** What apps/download reads. */
function request(job: Job, builtin: string) {
  const attributes = job.environment.map(({ name, value }) => [text(name), text(value)]);
  return {
    builtin,
    attributes: Object.fromEntries(attributes),
    output: job.outputs[0]?.path,
    hash: job.fixedContents?.hash,
    recursive: job.fixedContents?.recursive,
    progress: job.downloadTrace,
  };
}

function text(bytes: Uint8Array): string {
  return toText(fromBytes(bytes));
}

function shown(name: string, { node, libraries, checkout, system }: Toolbox): SandboxPath[] {
  const ours = [[node, `${inside}/node`], ...parts.map((part) => [`${checkout}/${part}`, `${inside}/${part}`])];
  // git, and decoders that Node lacks, are the host's.
  const theirs = name === 'download' ? libraries : system;
  return [...ours, ...theirs.map((path) => [path, path])].map(([source, target]) => ({
    source: Buffer.from(`${source}`),
    target: Buffer.from(`${target}`),
  }));
}
