/**
 * A frame, byte by byte, for people: a line for each value, its bytes on the left, what they say on the right. Read from
 * the bytes alone, so that it shows what the codec wrote.
 */

/** A piece of the frame: what its bytes are, and what they mean. */
interface Token {
  readonly hex: string;
  readonly says: string;
  /** Of a list or map: how many values follow. */
  readonly values: number;
  readonly isMap: boolean;
}

const column = 44;
const longest = 12;

/** The lines of `frame`, with `mark` before the first. */
export function outline(frame: Buffer, mark: string): string[] {
  const reader = new Outline(frame);
  return reader.lines.map((line, index) => `${index === 0 ? mark : ' '} ${line}`);
}

class Outline {
  readonly lines: string[] = [];
  readonly #bytes: Buffer;
  #at = 4;

  constructor(frame: Buffer) {
    this.#bytes = frame;
    this.#line(frame.toString('hex', 0, 4), `${frame.length - 4} bytes follow`, 0);
    this.#value('', '', 0);
  }

  /** Writes the next value, which has this name and whose key had these bytes. */
  #value(name: string, key: string, depth: number): void {
    const { hex, says, values, isMap } = this.#token();
    this.#line(`${key}${hex}`, `${name}${says}`, depth);
    for (let index = 0; index < values; index++) {
      const field = isMap ? this.#token() : undefined;
      this.#value(field === undefined ? '' : `${field.says}: `, field === undefined ? '' : `${field.hex} `, depth + 1);
    }
  }

  #line(hex: string, says: string, depth: number): void {
    const indented = `${' '.repeat(depth)}${hex}`;
    this.lines.push(`${indented.padEnd(column)} ${' '.repeat(2 * depth)}${says}`);
  }

  #token(): Token {
    const first = this.#number(1);
    const tag = first.toString(16).padStart(2, '0');
    if (first < 0x80) return scalar(tag, `${first}`);
    if (first < 0x90) return container(tag, first & 0x0f, true);
    if (first < 0xa0) return container(tag, first & 0x0f, false);
    if (first < 0xc0) return this.#text(tag, first & 0x1f);
    if (first >= 0xe0) return scalar(tag, `${first - 0x100}`);
    return this.#tagged(tag, first);
  }

  #tagged(tag: string, first: number): Token {
    if (first === 0xc0) return scalar(tag, 'nil');
    if (first === 0xc2 || first === 0xc3) return scalar(tag, `${first === 0xc3}`);
    if (first <= 0xc6) return this.#binary(tag, 2 ** (first - 0xc4));
    if (first >= 0xcc && first <= 0xd3) return this.#integer(tag, first);
    if (first >= 0xd9 && first <= 0xdb) return this.#longText(tag, 2 ** (first - 0xd9));
    if (first >= 0xdc) return this.#longContainer(tag, first);
    throw new Error(`no contract has a value that begins with ${tag}`);
  }

  #integer(tag: string, first: number): Token {
    const size = 2 ** (first & 3);
    const bytes = this.#take(size);
    const value = BigInt.asUintN(8 * size, BigInt(`0x${bytes.toString('hex')}`));
    return scalar(`${tag} ${bytes.toString('hex')}`, `${first < 0xd0 ? value : BigInt.asIntN(8 * size, value)}`);
  }

  #longText(tag: string, size: number): Token {
    const length = this.#number(size);
    return this.#text(`${tag} ${length.toString(16).padStart(2 * size, '0')}`, length);
  }

  #text(head: string, length: number): Token {
    const bytes = this.#take(length);
    return scalar(`${head} ${shortened(bytes)}`, JSON.stringify(bytes.toString()));
  }

  #binary(tag: string, size: number): Token {
    const length = this.#number(size);
    const bytes = this.#take(length);
    return scalar(`${tag} ${length.toString(16).padStart(2 * size, '0')} ${shortened(bytes)}`, `${length} bytes`);
  }

  #longContainer(tag: string, first: number): Token {
    const size = first % 2 === 0 ? 2 : 4;
    const count = this.#number(size);
    return container(`${tag} ${count.toString(16).padStart(2 * size, '0')}`, count, first >= 0xde);
  }

  #number(size: number): number {
    return this.#take(size).readUIntBE(0, size);
  }

  #take(size: number): Buffer {
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }
}

function scalar(hex: string, says: string): Token {
  return { hex: hex.trimEnd(), says, values: 0, isMap: false };
}

function container(hex: string, values: number, isMap: boolean): Token {
  return { hex, says: `${isMap ? 'a map' : 'a list'} of ${values}`, values, isMap };
}

/** What is long is cut: the text beside it has the rest. */
function shortened(bytes: Buffer): string {
  return bytes.length <= longest ? bytes.toString('hex') : `${bytes.toString('hex', 0, longest - 4)}…`;
}
