/** The slots of what is fetched: those of large items, and those of small ones, which are fetched many together. */
import type { Request, SubstitutionGoal } from './goal.ts';
import { Slots } from './slots.ts';

/** How many small items are fetched in the place of one large one. */
const smallForOne = 16;

export class Downloads {
  readonly #large: Slots<SubstitutionGoal>;
  readonly #small: Slots<SubstitutionGoal>;

  constructor(max: number) {
    this.#large = new Slots(max);
    this.#small = new Slots(max * smallForOne);
  }

  get max(): number {
    return this.#large.max;
  }

  /** In slots of large ones, rounded up. */
  get running(): number {
    return this.#large.running + Math.ceil(this.#small.running / smallForOne);
  }

  want(goal: SubstitutionGoal, requests?: Iterable<Request>): void {
    this.#of(goal).want(goal, requests);
  }

  grant(): SubstitutionGoal | undefined {
    return this.#large.grant() ?? this.#small.grant();
  }

  release(goal: SubstitutionGoal): void {
    this.#of(goal).release(goal);
  }

  /** The request that gets the next free slot of the kind that `goal` wants. */
  turns(): (goal: SubstitutionGoal) => Request | undefined {
    const [large, small] = [this.#large.turn, this.#small.turn];
    return (goal) => (goal.small ? small : large);
  }

  #of({ small }: SubstitutionGoal): Slots<SubstitutionGoal> {
    return small ? this.#small : this.#large;
  }
}
