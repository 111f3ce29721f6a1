/** What `derivation()` returns: the outputs, by name and as properties. */
import { DerivationFile, type DerivationNode, Output } from './item.ts';

/** A derivation of a recipe. In strings it stands for its first output. */
export class RecipeDerivation {
  /** What it says. */
  readonly node: DerivationNode;
  /** All outputs by name, whatever the name; a record without prototype. */
  readonly outputs: Readonly<Record<string, Output>>;
  /** The `.drv` itself, for a builder that reads it. */
  readonly file: DerivationFile;

  constructor(node: DerivationNode) {
    this.node = node;
    this.file = new DerivationFile(node);
    this.outputs = Object.assign(Object.create(null), outputsOf(node));
    for (const [name, output] of Object.entries(this.outputs)) {
      if (!(name in this)) Object.defineProperty(this, name, { value: output, enumerable: true });
    }
  }

  get name(): string {
    return this.node.name;
  }

  /** The output that is meant where no name is given: the first declared. */
  get main(): Output {
    return this.outputs[this.node.outputs[0] ?? ''] as Output;
  }

  toString(): string {
    return this.main.toString();
  }

  toJSON(): string {
    return this.main.toJSON();
  }
}

function outputsOf(node: DerivationNode): Record<string, Output> {
  return Object.fromEntries(node.outputs.map((name) => [name, new Output(node, name)]));
}

/** What is no free name of a property. */
type Taken = keyof RecipeDerivation | keyof typeof Object.prototype | '__proto__';

/**
 * A derivation with known outputs: `lib.dev` is one where the name is free, `lib.outputs.name` where it is that of
 * something else.
 */
export type DerivationWith<Outputs extends string> = Omit<RecipeDerivation, 'outputs'> & {
  readonly outputs: Readonly<Record<Outputs, Output>>;
} & { readonly [Name in Exclude<Outputs, Taken>]: Output };
