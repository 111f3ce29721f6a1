/**
 * A scheduler under test between a real store and a build agent that does what a scenario says: it makes the outputs of
 * its jobs itself, where a builder with a root of its own would.
 */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { dirname } from 'node:path';
import {
  buildAgentContract,
  type Job,
  type Outcome,
  type RequestOptions,
  type SchedulerEvent,
  schedulerContract,
} from '@cooper/contracts';
import { hashBytes } from '@cooper/hash';
import { type Client, connect, type Handlers, serve } from '@cooper/ipc';
import { addGraph, derivation, makeGraph, type RecipeDerivation, targetOf } from '@cooper/recipe';
import { storePathName } from '@cooper/store-path';
import type { Place } from './place.ts';
import type { Store } from './store-trial.ts';
import type { Subject } from './subject.ts';

export type Scheduler = Client<typeof schedulerContract>;

/** What a scenario has the agent do with a job, by the name of its derivation; nothing said: build it. */
export type Behaviour = (name: string, job: Job, signal: AbortSignal) => Promise<Outcome> | undefined;

/** How a request ended, and what was told of it. */
export interface Ended {
  readonly statuses: readonly string[];
  readonly exitStatus: number;
  readonly events: readonly SchedulerEvent[];
}

export interface SchedulerSubject extends Subject {
  /** The store that the scheduler uses. */
  readonly store: Store;
  /** Where its build agents dial in. */
  readonly agents: string;
}

let last = 0;

export class SchedulerTrial {
  readonly scheduler: Scheduler;
  /** The names of the derivations whose jobs were offered, in order. */
  readonly offered: string[] = [];
  readonly #place: Place;
  readonly #store: Store;

  private constructor(place: Place, store: Store, scheduler: Scheduler) {
    this.#place = place;
    this.#store = store;
    this.scheduler = scheduler;
  }

  static async open(place: Place, subject: SchedulerSubject, behave: Behaviour): Promise<SchedulerTrial> {
    const scheduler = await connect(schedulerContract, subject.stream, { client: 'conformance' });
    const trial = new SchedulerTrial(place, subject.store, scheduler);
    const socket = connectSocket(subject.agents);
    await once(socket, 'connect');
    const handlers: Handlers<typeof buildAgentContract> = {
      offer: (params, call) => trial.#offer(params.job, call, behave),
      settle: () => ({}),
    };
    serve(buildAgentContract, handlers, socket, { server: 'trial-agent', features: ['local'] });
    return trial;
  }

  /** A derivation that no other scenario has, and that needs `inputs`. */
  derivation(name: string, inputs: readonly RecipeDerivation[] = []): RecipeDerivation {
    const env = Object.fromEntries(inputs.map((input, index) => [`input${index}`, input]));
    return derivation({ name, builder: '/bin/sh', args: [`trial ${++last} of ${process.pid}`], env });
  }

  /** Adds a derivation and what it needs; gives the target that stands for it. */
  async add(item: RecipeDerivation): Promise<string> {
    const graph = makeGraph(this.#place.store, [item], () => hashBytes('sha256', Buffer.alloc(0)));
    const sendTree = () => Promise.reject(new Error('there are no sources'));
    await addGraph(graph, { store: this.#store, sendTree });
    return targetOf(graph, item);
  }

  async realise(targets: readonly string[], options: RequestOptions = {}, signal?: AbortSignal): Promise<Ended> {
    const events: SchedulerEvent[] = [];
    const onItem = (event: SchedulerEvent) => void events.push(event);
    const params = { targets: [...targets], mode: 'normal', options } as const;
    const { results, exitStatus } = await this.scheduler.call(
      'realise',
      params,
      signal === undefined ? { onItem } : { onItem, signal },
    );
    return { statuses: results.map(({ status }) => status), exitStatus, events };
  }

  async #offer(
    job: Job,
    call: {
      send(event: { event: 'started'; process: number; logFile: Uint8Array; time: number }): Promise<void>;
      signal: AbortSignal;
    },
    behave: Behaviour,
  ): Promise<{ outcome: Outcome }> {
    const name = storePathName(job.derivation).replace(/\.drv$/, '');
    this.offered.push(name);
    const other = behave(name, job, call.signal);
    if (other !== undefined) return { outcome: await other };
    await call.send({ event: 'started', process: 1, logFile: new Uint8Array(), time: Date.now() });
    for (const { path } of job.outputs) {
      const file = `${Buffer.from(job.directory)}/root${path}`;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, name);
    }
    return { outcome: { status: 'succeeded', ...span(), root: Buffer.from('root') } };
  }
}

/** The times of a build that took no time. */
export function span(): { startTime: number; stopTime: number; logSize: number } {
  return { startTime: Date.now(), stopTime: Date.now(), logSize: 0 };
}
