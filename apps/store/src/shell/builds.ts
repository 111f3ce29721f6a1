/**
 * The builds of one channel, from the lock to the registration. Between `prepare` and `register` the store holds the locks
 * of the outputs and a staging directory; whatever ends a build, the end of the channel too, gives both back.
 */
import type { Preparation, Registration } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { Rejection } from '../core/rejection.ts';
import { endBuild, type PreparedBuild } from './build.ts';
import { type OutputPlace, takeOutputs } from './output-intake.ts';
import { type BuildWish, prepareBuild } from './preparation.ts';
import type { World } from './world.ts';

/** A build, and what its client was told of it. */
interface Entry {
  readonly build: PreparedBuild;
  readonly answer: Preparation;
}

export class Builds {
  readonly #world: World;
  readonly #prepared = new Map<number, Entry>();
  #last = 0;

  constructor(world: World) {
    this.#world = world;
  }

  async prepare(wish: BuildWish): Promise<Preparation> {
    const resting = this.#resting(wish);
    if (resting !== undefined) return resting;
    const prepared = await prepareBuild(this.#world, wish);
    if (prepared.status !== 'prepared') return prepared;
    const { build, ...answer } = prepared;
    const number = ++this.#last;
    this.#keep(number, { build, answer: { ...answer, build: number } });
    return { ...answer, build: number };
  }

  /** Judges the outputs of a build, compares or registers them; it is over, unless another round is to come. */
  async register(number: number, place: OutputPlace): Promise<Registration> {
    const { build, answer } = this.#take(number);
    let isOver = true;
    try {
      const registration = await takeOutputs(this.#world, build, place);
      isOver = registration.status !== 'round-done';
      return registration;
    } catch (error) {
      if (error instanceof Rejection) return error.asRegistration();
      throw error;
    } finally {
      if (isOver) endBuild(this.#world, build);
      else this.#keep(number, { build, answer });
    }
  }

  abandon(number: number): void {
    endBuild(this.#world, this.#take(number).build);
  }

  /** The channel is gone, its calls have ended, and with them everybody who could end its builds. */
  close(): void {
    for (const number of [...this.#prepared.keys()]) this.abandon(number);
  }

  /** The build of this derivation that waits for another round. */
  #resting({ path, mode }: BuildWish): Preparation | undefined {
    for (const { build, answer } of this.#prepared.values()) {
      if (build.path === path && build.mode === mode && build.round.length > 0) return answer;
    }
    return undefined;
  }

  #keep(number: number, entry: Entry): void {
    this.#prepared.set(number, entry);
    this.#world.prepared.set(entry.build.path, entry.build);
  }

  #take(number: number): Entry {
    const entry = this.#prepared.get(number);
    if (entry === undefined) {
      throw new Fault('unknown-build', `there is no build ${number} on this channel`, { build: number });
    }
    this.#prepared.delete(number);
    this.#world.prepared.delete(entry.build.path);
    return entry;
  }
}
