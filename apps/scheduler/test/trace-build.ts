/** What the store answers about a build: that it is prepared, and what became of its outputs. */
import type { Preparation, Registration } from '@cooper/contracts';
import { parseDerivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import { pathOf, storeDir } from './trace-derivation.ts';
import { refuse, type World } from './trace-world.ts';

/** `redirected`: the outputs that are made elsewhere. All outputs are to be made. */
export function preparedOf(world: World, name: string, redirected: readonly string[]): Preparation {
  const contents = world.derivations.get(name) ?? refuse(`no derivation ${name}`);
  return {
    status: 'prepared',
    build: 7,
    directory: Buffer.from('/gnu/store/staging'),
    contents,
    inputs: [],
    redirected: redirected.map((output) => ({ name: 'out', path: pathOf(output), scratch: scratchOf(output) })),
    missing: outputsOf(contents, name),
    valid: [],
  };
}

function outputsOf(contents: Uint8Array, name: string) {
  const { outputs } = parseDerivation(contents, { storeDir, path: pathOf(name) });
  return Array.from(outputs, ([output, { path }]) => ({ name: output, path }));
}

/** A path with the same name that nothing else has. */
function scratchOf(name: string): StorePath {
  return `${storeDir}/${'z'.repeat(32)}-${name}` as StorePath;
}

/** `CODE OUTPUT words of the message`: that output was refused. */
export function rejectionOf([code, output, ...words]: readonly string[]): Registration {
  return {
    status: 'rejected',
    code: code as 'hash-mismatch',
    message: words.join(' '),
    output: { name: 'out', path: pathOf(`${output}`) },
    ...(code === 'hash-mismatch' ? { expected: 'one', actual: 'another' } : {}),
  };
}

/** `app app-doc=kept`: these outputs were made twice, and not the same; the other version of app-doc was kept. */
export function differenceOf(words: readonly string[]): Registration {
  const differences = words.map((word) => {
    const [name, kept] = word.split('=');
    const path = pathOf(`${name}`);
    const output = { name: 'out', path };
    return { output, files: [], ...(kept === undefined ? {} : { kept: `${path}-check` as StorePath }) };
  });
  return { status: 'rejected', code: 'not-deterministic', message: 'outputs differ', differences };
}
