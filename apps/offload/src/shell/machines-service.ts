/** Serves the machines contract: what is known of the machines, and trying them. */
import type { MachineView, machinesContract, storeContract, TrialStep } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Client, Handlers } from '@cooper/ipc';
import { restOf } from '../core/health.ts';
import type { Member } from './member.ts';
import type { ServiceParts } from './service.ts';
import { Trials } from './trials.ts';

export class MachinesService {
  readonly #parts: ServiceParts;
  readonly #trials: Trials;

  constructor(parts: ServiceParts, store: Client<typeof storeContract>) {
    this.#parts = parts;
    this.#trials = new Trials({ ...parts, store, storeDir: parts.settings.storeDir });
  }

  get handlers(): Handlers<typeof machinesContract> {
    return {
      list: () => ({ machines: this.#parts.fleet.members.map(viewOf) }),
      check: async ({ names }, call) => {
        const tell = (step: TrialStep) => call.send(step);
        await Promise.all(this.#named(names).map((member) => this.#check(member, tell, call.signal)));
        return {};
      },
    };
  }

  async #check(member: Member, tell: (step: TrialStep) => Promise<void>, signal: AbortSignal): Promise<void> {
    using slot = member.take();
    let isGood = true;
    const note = (step: TrialStep) => {
      isGood &&= step.succeeded;
      return tell(step);
    };
    await this.#trials.run(slot.member, note, signal);
    // Whoever has mended a machine need not wait until it has rested.
    if (isGood) member.succeeded();
  }

  #named(names: readonly string[] | undefined): readonly Member[] {
    const { members } = this.#parts.fleet;
    if (names === undefined) return members;
    return names.map((name) => {
      const found = members.find(({ machine }) => machine.name === name);
      if (found !== undefined) return found;
      const known = members.map(({ machine }) => machine.name).join(', ');
      throw new Fault('unknown-machine', `there is no machine \`${name}'; there are: ${known}`, { name });
    });
  }
}

function viewOf({ machine, running, health, state, session }: Member): MachineView {
  const { name, host, jobs, systems, features, mandatoryFeatures, speed } = machine;
  const load = session?.load ?? null;
  return {
    name,
    host,
    state,
    running,
    jobs,
    systems,
    features: [...new Set([...features, ...mandatoryFeatures])],
    speed: Math.round(speed * 1000),
    load: load && { processors: load.processors, load: Math.round(load.load * 100), free: load.free },
    ...(restOf(health, Date.now()) > 0 ? { restsUntil: health.restsUntil } : {}),
    ...(health.reason === '' ? {} : { reason: health.reason }),
  };
}
