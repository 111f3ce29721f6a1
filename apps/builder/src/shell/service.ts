/** Serves the build-agent contract: takes jobs for which there is a user, does them, says how they ended. */
import { existsSync, statSync } from 'node:fs';
import type { buildAgentContract, Job, Outcome } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Handlers, ServerChannel } from '@cooper/ipc';
import { builtinJob, builtinName } from '../core/builtin-job.ts';
import { lackingFeatures } from '../core/features.ts';
import { checkJob } from '../core/job-check.ts';
import type { BuildUser } from '../core/place.ts';
import { sameKernel } from '../core/platform.ts';
import { type BuildListener, runBuild } from './build.ts';
import { refuseSystem } from './foreign-system.ts';
import { HeldSites } from './held-sites.ts';
import type { Site } from './site.ts';
import { storageFault } from './storage-fault.ts';
import { findToolbox } from './toolbox.ts';
import type { Workshop } from './workshop.ts';

/** Where builders believe their home to be: it must not be there. */
const home = '/homeless-shelter';

/** Who has offered a job, and what is held for them. */
interface Offerer extends BuildListener {
  readonly held: HeldSites;
}

/** The user for a build, and how to give it back. */
interface Taken {
  readonly user: BuildUser | null;
  readonly release: () => void;
}

export class Builds {
  readonly #workshop: Workshop;
  readonly #running = new Map<AbortController, Promise<unknown>>();
  readonly #held = new Map<ServerChannel, HeldSites>();

  constructor(workshop: Workshop) {
    this.#workshop = workshop;
  }

  /** The functions of the contract. */
  get handlers(): Handlers<typeof buildAgentContract> {
    return {
      offer: async ({ job }, call) => ({ outcome: await this.#track(job, call, this.#heldFor(call.channel)) }),
      settle: ({ held, failed }, { channel }) => this.#heldFor(channel).settle(held, failed),
    };
  }

  /** What is held for a channel is removed when it ends: nobody is left who would settle it. */
  #heldFor(channel: ServerChannel): HeldSites {
    const known = this.#held.get(channel);
    if (known !== undefined) return known;
    const held = new HeldSites();
    this.#held.set(channel, held);
    void channel.settled.then(async () => {
      await held.clear();
      this.#held.delete(channel);
    });
    return held;
  }

  /** Kills all builds, for good. Resolves when they have been cleaned up. */
  async stop(): Promise<void> {
    for (const controller of this.#running.keys()) controller.abort();
    await Promise.allSettled(this.#running.values());
    await Promise.all(Array.from(this.#held.values(), (held) => held.clear()));
    this.#workshop.records.close();
    this.#workshop.launchers.close();
  }

  async #track(job: Job, listener: BuildListener, held: HeldSites): Promise<Outcome> {
    const controller = new AbortController();
    const signal = AbortSignal.any([controller.signal, listener.signal]);
    const outcome = this.#consider(job, { signal, held, send: (event) => listener.send(event) });
    this.#running.set(controller, outcome);
    try {
      return await outcome;
    } catch (error) {
      throw storageFault(error);
    } finally {
      this.#running.delete(controller);
    }
  }

  async #consider(job: Job, listener: Offerer): Promise<Outcome> {
    checkJob(job, this.#workshop.storeDir);
    const builtin = builtinName(job);
    return await this.#place(builtin === undefined ? job : builtinJob(job, builtin, findToolbox()), listener);
  }

  async #place(job: Job, listener: Offerer): Promise<Outcome> {
    const { storeDir, machine, users } = this.#workshop;
    const lacking = lackingFeatures(job, this.#workshop.features);
    if (lacking !== undefined) return { status: 'declined', reason: lacking };
    const refusal = refuse(job);
    if (refusal !== undefined) return refusal;
    if (!sameKernel(job.system, machine)) return await refuseSystem(job, this.#workshop, listener);
    if (users === null) return await this.#run(job, { user: null, release: () => undefined }, listener);
    const user = await users.take();
    if (user === undefined) return { status: 'postponed', reason: 'all build users are currently in use' };
    const release = () => user.release();
    let isHeld = false;
    try {
      const builder = job.sandbox ? user : withStoreGroup(user, storeDir);
      const outcome = await this.#run(job, { user: builder, release }, listener);
      isHeld = outcome.status === 'succeeded' && outcome.held !== undefined;
      return outcome;
    } finally {
      if (!isHeld) release();
    }
  }

  #run(job: Job, { user, release }: Taken, listener: Offerer): Promise<Outcome> {
    const hold = (site: Site) => listener.held.hold({ site, release });
    return runBuild({ job, user, workshop: this.#workshop, listener, hold });
  }
}

/** What this machine will never do. */
function refuse(job: Job): Outcome | undefined {
  if (job.sandbox || !existsSync(home)) return undefined;
  return {
    status: 'not-started',
    step: 'check-home',
    error: 'EEXIST',
    message: `directory \`${home}' exists; please remove it`,
  };
}

/** Without a sandbox outputs are made in the store itself, which is shared with a group for that. */
function withStoreGroup(user: BuildUser, storeDir: string): BuildUser {
  const { mode, gid } = statSync(storeDir);
  if ((mode & 0o020) !== 0 && gid !== 0) return { ...user, groups: [...new Set([...user.groups, gid])] };
  const message = `builds without a sandbox need a build users group that may write to ${storeDir}`;
  throw new Fault('unusable-build-users-group', message, { storeDir });
}
