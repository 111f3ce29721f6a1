/** The items of a recipe: what its functions make, as values that know nothing of any store. */
import type { ByteString } from '@cooper/byte-string';
import type { HashAlgorithm } from '@cooper/hash';
import type { CallSite } from './call-site.ts';
import { makePlaceholder } from './placeholder.ts';

/** Something that has a path in the store. In strings (and in JSON) it stands for that path. */
export abstract class RecipeItem {
  readonly #placeholder = makePlaceholder(this);
  /** What has to be in the store for this item to have a meaning there. */
  abstract readonly node: RecipeNode;

  toString(): string {
    return this.#placeholder;
  }

  toJSON(): string {
    return this.#placeholder;
  }
}

/** A file or tree of this machine, to be copied into the store. */
export class Source extends RecipeItem {
  readonly sequence = nextSequence();
  readonly name: string;
  /** Its absolute path on this machine. */
  readonly file: string;
  /** True: any tree, hashed as a NAR. False: one regular file, hashed by its contents. */
  readonly recursive: boolean;
  readonly site: CallSite;

  constructor(fields: Pick<Source, 'name' | 'file' | 'recursive' | 'site'>) {
    super();
    this.name = fields.name;
    this.file = fields.file;
    this.recursive = fields.recursive;
    this.site = fields.site;
  }

  get node(): Source {
    return this;
  }
}

/** A file whose contents the recipe gives. */
export class Text extends RecipeItem {
  readonly sequence = nextSequence();
  readonly name: string;
  /** With placeholders. */
  readonly contents: ByteString;
  readonly uses: readonly RecipeItem[];
  readonly site: CallSite;

  constructor(fields: Pick<Text, 'name' | 'contents' | 'uses' | 'site'>) {
    super();
    this.name = fields.name;
    this.contents = fields.contents;
    this.uses = fields.uses;
    this.site = fields.site;
  }

  get node(): Text {
    return this;
  }
}

/** What a derivation makes, or one of the things. */
export class Output extends RecipeItem {
  readonly node: DerivationNode;
  readonly name: string;

  constructor(node: DerivationNode, name: string) {
    super();
    this.node = node;
    this.name = name;
  }
}

/** The file of a derivation itself, `….drv`, as a thing to read. Using it builds nothing. */
export class DerivationFile extends RecipeItem {
  readonly node: DerivationNode;

  constructor(node: DerivationNode) {
    super();
    this.node = node;
  }
}

/** What a derivation says, with placeholders in its strings. */
export interface DerivationNode {
  readonly kind: 'derivation';
  readonly sequence: number;
  readonly name: string;
  readonly system: ByteString;
  readonly builder: ByteString;
  readonly args: readonly ByteString[];
  readonly env: ReadonlyMap<ByteString, ByteString>;
  /** The names of the outputs, in the order declared: the first one is meant where no name is given. */
  readonly outputs: readonly string[];
  readonly fixed?: FixedHash;
  /** All items in the strings, and those declared besides. */
  readonly uses: readonly RecipeItem[];
  readonly site: CallSite;
}

/** What the only output of a derivation has to be. */
export interface FixedHash {
  readonly algorithm: HashAlgorithm;
  /** Base16. */
  readonly hash: string;
  readonly recursive: boolean;
}

/** What is put into a store: the things that items stand for, or that have them. */
export type RecipeNode = Source | Text | DerivationNode;

let sequence = 0;

/** A number that grows: a node uses only nodes with smaller ones, since these had to be there to be used. */
export function nextSequence(): number {
  return ++sequence;
}
