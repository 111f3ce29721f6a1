/**
 * The base-32 of store paths and hashes, as Nix and Guix write it: the digits below (no e, o, t, u), and the bytes read
 * as one little-endian number whose most significant digit comes first. It is not the base-32 of RFC 4648.
 *
 * Every byte sequence has exactly one text and decoding takes no other, so equal texts mean equal bytes.
 */
import { Fault } from '@cooper/fault';

const digits = '0123456789abcdfghijklmnpqrsvwxyz';
const notADigit = 255;

const values = new Uint8Array(128).fill(notADigit);
for (let value = 0; value < digits.length; value++) values[digits.charCodeAt(value)] = value;

/** The text of `bytes`: `ceil(8 * length / 5)` digits, 32 of them for the 20 bytes of a store path. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  for (let digit = encodedLength(bytes.length) - 1; digit >= 0; digit--) {
    const byte = (digit * 5) >> 3;
    const shift = (digit * 5) & 7;
    const pair = (bytes[byte] ?? 0) | ((bytes[byte + 1] ?? 0) << 8);
    text += digits[(pair >> shift) & 31];
  }
  return text;
}

/**
 * The bytes of `text`. Throws a fault `invalid-base32` for a character that is no digit (upper case is none), for a
 * length that no number of bytes has, and where the first digit holds bits beyond the last byte.
 */
export function decodeBase32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  if (encodedLength(bytes.length) !== text.length) {
    throw invalid(text, `no number of bytes is written with ${text.length} digits`);
  }
  for (let index = 0; index < text.length; index++) {
    placeDigit(bytes, text.length - 1 - index, digitValue(text, index));
  }
  if (surplusBits(text) !== 0) throw invalid(text, 'its first digit exceeds the last byte');
  return bytes;
}

/** True when `decodeBase32` takes `text`. */
export function isBase32(text: string): boolean {
  const bytes = Math.floor((text.length * 5) / 8);
  return encodedLength(bytes) === text.length && /^[0-9a-df-np-sv-z]*$/.test(text) && surplusBits(text) === 0;
}

function encodedLength(bytes: number): number {
  return Math.ceil((bytes * 8) / 5);
}

function digitValue(text: string, index: number): number {
  const value = values[text.charCodeAt(index)] ?? notADigit;
  if (value === notADigit) throw invalid(text, `character ${index + 1} is no digit`);
  return value;
}

/** Adds digit number `digit`, counted from the least significant, to the number that `bytes` hold. */
function placeDigit(bytes: Uint8Array, digit: number, value: number): void {
  const byte = (digit * 5) >> 3;
  const pair = value << ((digit * 5) & 7);
  // Writes past the last byte are ignored by the array; `surplusBits` finds what they would have held.
  bytes[byte] = (bytes[byte] ?? 0) | (pair & 255);
  bytes[byte + 1] = (bytes[byte + 1] ?? 0) | (pair >> 8);
}

/** The part of the first digit that lies beyond the last byte; zero in every text that `encodeBase32` makes. */
function surplusBits(text: string): number {
  const spare = (text.length * 5) % 8;
  return text === '' ? 0 : (values[text.charCodeAt(0)] ?? 0) >> (5 - spare);
}

function invalid(text: string, reason: string): Fault {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return new Fault('invalid-base32', `\`${shown}' is not base-32: ${reason}`, { text: shown, reason });
}
