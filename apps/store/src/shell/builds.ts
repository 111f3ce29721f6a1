/**
 * The builds of one channel, from the lock to the registration. Between `prepare` and `register` the store holds the locks
 * of the outputs and a staging directory; whatever ends a build, the end of the channel too, gives both back.
 */
import type { BuildMode, Preparation, Registration } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import { Rejection } from '../core/rejection.ts';
import { endBuild, type PreparedBuild } from './build.ts';
import type { LeaseHolder } from './leases.ts';
import { type OutputPlace, takeOutputs } from './output-intake.ts';
import { prepareBuild } from './preparation.ts';
import type { World } from './world.ts';

export class Builds {
  readonly #world: World;
  readonly #prepared = new Map<number, PreparedBuild>();
  #last = 0;

  constructor(world: World) {
    this.#world = world;
  }

  async prepare(path: StorePath, mode: BuildMode, holder: LeaseHolder): Promise<Preparation> {
    const prepared = await prepareBuild(this.#world, { path, mode, holder });
    if (prepared.status !== 'prepared') return prepared;
    const { build, ...answer } = prepared;
    const number = ++this.#last;
    this.#prepared.set(number, build);
    return { ...answer, build: number };
  }

  /** Judges, moves and registers the outputs of a build; it is over, whatever comes of it. */
  async register(number: number, place: OutputPlace): Promise<Registration> {
    const build = this.#take(number);
    try {
      return { status: 'registered', infos: await takeOutputs(this.#world, build, place) };
    } catch (error) {
      if (error instanceof Rejection) return error.asRegistration();
      throw error;
    } finally {
      endBuild(this.#world, build);
    }
  }

  abandon(number: number): void {
    endBuild(this.#world, this.#take(number));
  }

  /** The channel is gone, its calls have ended, and with them everybody who could end its builds. */
  close(): void {
    for (const number of [...this.#prepared.keys()]) this.abandon(number);
  }

  #take(number: number): PreparedBuild {
    const build = this.#prepared.get(number);
    if (build === undefined) {
      throw new Fault('unknown-build', `there is no build ${number} on this channel`, { build: number });
    }
    this.#prepared.delete(number);
    return build;
  }
}
