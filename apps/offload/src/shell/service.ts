/** Serves the build-agent contract by other machines: chooses one for each job, and has it done there. */
import type { buildAgentContract, Job, Outcome } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import type { Handlers } from '@cooper/ipc';
import { type Choice, choose } from '../core/choice.ts';
import { Attempts } from './attempts.ts';
import type { Closures } from './closures.ts';
import type { Fleet } from './fleet.ts';
import type { Input } from './inputs.ts';
import { LocalLoad } from './local-load.ts';
import { isOfMachine } from './machine-failure.ts';
import type { Member, Slot } from './member.ts';
import type { JobListener, RemoteBuild } from './remote-build.ts';
import type { OffloadSettings } from './settings.ts';

/** How long, in ms, an offer waits for a slot, and how often it looks without being told. */
const holding = 10_000;
const interval = 1000;

export interface ServiceParts {
  readonly settings: OffloadSettings;
  readonly fleet: Fleet;
  readonly closures: Closures;
  readonly build: RemoteBuild;
}

/** A choice; that of a machine comes with a slot there. */
type Decision =
  | Exclude<Choice, { choose: 'machine' }>
  | (Extract<Choice, { choose: 'machine' }> & { readonly slot: Slot });

export class Offload {
  readonly #parts: ServiceParts;
  readonly #attempts = new Attempts();
  readonly #localLoad = new LocalLoad();

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  get handlers(): Handlers<typeof buildAgentContract> {
    return { offer: async ({ job }, call) => ({ outcome: await this.#consider(job, call) }), settle: holdsNothing };
  }

  async #consider(job: Job, listener: JobListener): Promise<Outcome> {
    const { mode, outputs, derivation } = job;
    if (mode !== 'normal') return { status: 'declined', reason: `other machines do no builds of mode \`${mode}'` };
    if (outputs.length === 0) return { status: 'declined', reason: 'there is nothing to make' };
    const inputs = await this.#parts.closures.of(derivation, job.inputs);
    const decision = await this.#decide(job, inputs, listener.signal);
    switch (decision.choose) {
      case 'none':
        return { status: 'declined', reason: decision.why };
      case 'local':
        this.#localLoad.add(Date.now());
        return { status: 'declined', reason: decision.why };
      case 'later':
        return { status: 'postponed', reason: decision.why, ...pick(decision, 'retryAfter') };
      case 'machine':
        return await this.#buildIn(decision.slot, job, { inputs, listener, why: decision.why });
    }
  }

  /**
   * A choice, where there is one soon. Who is told to come again comes in some seconds; a slot that is free by then has been idle
   * for as long. Nobody waits here for ever: others may want machines that are free.
   */
  async #decide(job: Job, inputs: readonly Input[], signal: AbortSignal): Promise<Decision> {
    for (const deadline = Date.now() + holding; ; ) {
      const { members } = this.#parts.fleet;
      const choice = this.#choose(job, inputs, members);
      // At once: many may be looking at the same slot.
      if (choice.choose === 'machine') return { ...choice, slot: memberOf(members, choice).take() };
      const isBusy = choice.choose === 'later' && choice.retryAfter === undefined;
      if (!isBusy || signal.aborted || Date.now() > deadline) return choice;
      await this.#parts.fleet.changes.next(interval);
    }
  }

  #choose(job: Job, inputs: readonly Input[], members: readonly Member[]): Choice {
    const { fleet, settings } = this.#parts;
    const now = Date.now();
    const candidates = members.map((member) => {
      const missing = member.session?.inputs.unknown(inputs) ?? inputs;
      return {
        machine: member.machine,
        running: member.running,
        health: member.health,
        load: member.session?.load ?? null,
        bandwidth: member.session?.sending.bandwidth ?? null,
        missing: { paths: missing.length, bytes: missing.reduce((sum, { size }) => sum + size, 0) },
      };
    });
    const { local } = fleet;
    return choose(job, {
      candidates,
      local: local === null ? null : this.#localLoad.measure(local, now),
      canBeLocal: settings.localSystems.includes(job.system),
      now,
    });
  }

  async #buildIn(
    slot: Slot,
    job: Job,
    { inputs, listener, why }: { inputs: readonly Input[]; listener: JobListener; why: string },
  ): Promise<Outcome> {
    using taken = slot;
    const { member } = taken;
    const startTime = Date.now();
    try {
      await remark(listener, `building \`${job.derivation}' on ${why}`);
      const outcome = await this.#parts.build.run(member, job, { inputs, listener });
      if (outcome.status !== 'cancelled') member.succeeded();
      this.#attempts.forget(job.derivation);
      return outcome;
    } catch (error) {
      if (listener.signal.aborted) return { status: 'cancelled' };
      if (isFault(error, 'no-signing-key')) return { status: 'declined', reason: error.message };
      if (!isOfMachine(error)) throw error;
      member.failed(error);
      await remark(listener, `\`${member.machine.name}' is given up: ${error.message}`);
      return this.#lost(member, job, { error, startTime });
    }
  }

  /** That a machine was lost says nothing about the derivation: it is offered again, and goes elsewhere. */
  #lost(member: Member, { derivation }: Job, loss: { error: Fault; startTime: number }): Outcome {
    const message = `\`${member.machine.name}': ${loss.error.message}`;
    if (!this.#attempts.lose(derivation)) return { status: 'postponed', reason: message, retryAfter: 0 };
    this.#attempts.forget(derivation);
    const span = { startTime: loss.startTime, stopTime: Date.now(), logSize: 0 };
    return { status: 'agent-failed', ...span, exitCode: 1, signal: null, message };
  }
}

/** Of those from whom it was chosen. */
function memberOf(members: readonly Member[], { machine }: Extract<Choice, { choose: 'machine' }>): Member {
  const found = members.find((member) => member.machine === machine);
  if (found === undefined) throw new Error(`\`${machine.name}' was chosen, and is not among the machines`);
  return found;
}

async function remark(listener: JobListener, line: string): Promise<void> {
  await listener.send({ event: 'remark', data: Buffer.from(`${line}\n`) });
}

function pick<T extends object, K extends keyof T>(from: T, key: K): Partial<Pick<T, K>> {
  return from[key] === undefined ? {} : ({ [key]: from[key] } as Pick<T, K>);
}

/** The directories of these builds are on other machines. */
function holdsNothing(): never {
  throw new Fault('unknown-build', 'no build is held here');
}
