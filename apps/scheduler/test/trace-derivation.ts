/** The derivations of traces, from a line that says what matters of them. */
import { type ByteString, fromText } from '@cooper/byte-string';
import { type Derivation, printDerivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';

export const storeDir = '/gnu/store';

/** `app.drv outputs=out,lib inputs=libc.drv!out sources=file fixed`. */
export function derivationBytes([name, ...words]: readonly string[]): Uint8Array {
  const option = (key: string) =>
    words
      .find((word) => word.startsWith(`${key}=`))
      ?.slice(key.length + 1)
      .split(',') ?? [];
  const outputs = option('outputs').length === 0 ? ['out'] : option('outputs').sort();
  const fixed = words.includes('fixed') ? { hashAlgo: 'sha256', hash: '0'.repeat(64) } : { hashAlgo: '', hash: '' };
  const base = `${name}`.replace(/\.drv$/, '');
  const derivation: Derivation = {
    outputs: new Map(
      outputs.map((output) => [output, { path: pathOf(output === 'out' ? base : `${base}-${output}`), ...fixed }]),
    ),
    inputDerivations: new Map(
      option('inputs')
        .sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1))
        .map(inputOf),
    ),
    inputSources: option('sources').map(pathOf).sort(),
    system: fromText(option('system')[0] ?? 'x86_64-linux'),
    builder: fromText('/bin/sh'),
    args: [],
    env: new Map([...environmentOf(option('graph')), ...localOf(words)]),
  };
  return printDerivation(derivation);
}

/** `graph=FILE,NAME` becomes the attribute `exportReferencesGraph`. */
function environmentOf([file, name]: readonly string[]): Map<ByteString, ByteString> {
  if (file === undefined) return new Map();
  const words = name === undefined ? [file] : [file, pathOf(name)];
  return new Map([[fromText('exportReferencesGraph'), fromText(words.join(' '))]]);
}

/** `prefer-local` becomes the attribute `preferLocalBuild`. */
function localOf(words: readonly string[]): [ByteString, ByteString][] {
  return words.includes('prefer-local') ? [[fromText('preferLocalBuild'), fromText('1')]] : [];
}

function inputOf(text: string): [StorePath, string[]] {
  const [name, ...outputs] = text.split('!');
  return [pathOf(`${name}`), outputs.length === 0 ? ['out'] : outputs];
}

/** A store path with this name; the hash part only has to be one, and to differ where names do. */
export function pathOf(name: string): StorePath {
  const letters = '0123456789abcdfghijklmnpqrsvwxyz';
  let sum = 7;
  let part = '';
  for (let index = 0; index < 32; index++) {
    sum = (sum * 31 + name.charCodeAt(index % name.length)) % 65521;
    part += letters[sum % 32];
  }
  return `${storeDir}/${part}-${name}` as StorePath;
}

export function nameOf(path: StorePath): string {
  return path.slice(storeDir.length + 34);
}
