/** The compressions in which archives are served, as narinfos name them. */
import { Fault } from '@cooper/fault';

const levels = {
  none: { least: 0, most: 0, fallback: 0 },
  gzip: { least: 1, most: 9, fallback: 6 },
  zstd: { least: 1, most: 19, fallback: 3 },
  br: { least: 1, most: 11, fallback: 5 },
  xz: { least: 0, most: 9, fallback: 6 },
} as const;

export type Compression = keyof typeof levels;

/** A compression and how hard it tries. */
export interface CompressionChoice {
  readonly compression: Compression;
  readonly level: number;
}

/** What is offered unless something else is asked for. The last one is what Nix takes, which reads no further. */
export const defaultChoices: readonly CompressionChoice[] = [
  { compression: 'gzip', level: levels.gzip.fallback },
  { compression: 'zstd', level: levels.zstd.fallback },
];

export function isCompression(word: string | undefined): word is Compression {
  return word !== undefined && Object.hasOwn(levels, word);
}

/** The choice that `text` writes, `METHOD` or `METHOD:LEVEL`. Throws the fault `invalid-option`. */
export function parseChoice(text: string): CompressionChoice {
  const [compression, digits, ...more] = text.split(':');
  if (!isCompression(compression) || more.length > 0) throw refuse(text, `one of ${Object.keys(levels).join(', ')}`);
  const { least, most, fallback } = levels[compression];
  const level = digits === undefined ? fallback : Number(digits);
  if (Number.isInteger(level) && digits !== '' && level >= least && level <= most) return { compression, level };
  throw refuse(text, `a level from ${least} to ${most}`);
}

function refuse(text: string, expected: string): Fault {
  return new Fault('invalid-option', `--compression takes ${expected}, not \`${text}'`, {
    option: 'compression',
    text,
  });
}
