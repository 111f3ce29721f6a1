/**
 * The lines of a narinfo: `Name: value`, one a line, each with a line feed at its end. Strict: no blank lines, no control
 * characters, no blanks before the name or behind the value (but for the one that an empty value leaves).
 */
import type { ByteString } from '@cooper/byte-string';
import { fromBytes } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';

/** A line, and where it begins. */
export interface Field {
  readonly name: string;
  readonly value: ByteString;
  /** In bytes from the beginning of the file. */
  readonly offset: number;
}

/** The most bytes of a narinfo: as many as the contracts let through. The largest known have some 100 KiB. */
export const maxSize = 1024 * 1024;

const line = /^([A-Za-z][A-Za-z0-9_-]*): ?(.*)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacter = /[\x00-\x09\x0b-\x1f\x7f]/;

/** The fields of a narinfo in their order. Throws a fault `invalid-narinfo`. */
export function readFields(bytes: Uint8Array): readonly Field[] {
  if (bytes.length > maxSize) throw invalid(`it has more than ${maxSize} bytes`);
  const text = fromBytes(bytes);
  if (!text.endsWith('\n')) throw invalid('it does not end with a line feed');
  const control = controlCharacter.exec(text);
  if (control !== null) throw invalid(`there is a control character at byte ${control.index}`);
  let offset = 0;
  return text
    .slice(0, -1)
    .split('\n')
    .map((text) => {
      const field = readField(text, offset);
      offset += text.length + 1;
      return field;
    });
}

function readField(text: string, offset: number): Field {
  const [, name, value] = line.exec(text) ?? [];
  if (name === undefined || value === undefined) throw invalid(`the line at byte ${offset} is no field`);
  if (/^ | $/.test(value)) throw invalid(`${name} has blanks around its value`);
  // The blank behind the colon belongs to the notation: only an empty value does without it.
  if (value !== '' && text[name.length + 1] !== ' ') throw invalid(`no blank follows \`${name}:'`);
  return { name, value: value as ByteString, offset };
}

/** The fault that refuses a narinfo. */
export function invalid(reason: string, options?: ErrorOptions): Fault {
  return new Fault('invalid-narinfo', `invalid narinfo: ${reason}`, { reason }, options);
}
