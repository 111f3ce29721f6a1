/** Tries a machine, step by step, by the ways that builds go. */
import { randomBytes } from 'node:crypto';
import { sendBytes } from '@cooper/bulk';
import type { Job, Outcome, storeContract, TrialStep } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import { fileArchive } from '@cooper/nar';
import type { StorePath } from '@cooper/store-path';
import { makeTrial, trialProgram, trialSystems } from '../core/trial.ts';
import type { Closures } from './closures.ts';
import { isRefusal, machineFailure, within } from './machine-failure.ts';
import type { Member } from './member.ts';
import type { RemoteBuild } from './remote-build.ts';

export interface TrialParts {
  readonly store: Client<typeof storeContract>;
  readonly storeDir: string;
  readonly closures: Closures;
  readonly build: RemoteBuild;
}

type Tell = (step: TrialStep) => Promise<void>;

export class Trials {
  readonly #parts: TrialParts;

  constructor(parts: TrialParts) {
    this.#parts = parts;
  }

  /** Tells each step when it is done; one that fails is the last. */
  async run(member: Member, tell: Tell, signal: AbortSignal): Promise<void> {
    const { name: machine } = member.machine;
    const steps: readonly (readonly [TrialStep['step'], () => Promise<string>])[] = [
      ['reach', () => reach(member)],
      ['load', () => load(member)],
      ['authorised-there', () => this.#send(member)],
      ['build', () => this.#build(member, signal)],
    ];
    for (const [step, work] of steps) {
      const start = performance.now();
      const { found, isRefused } = await attempt(work);
      const duration = Math.round(performance.now() - start);
      // That what it sends back is believed is part of the build.
      if (step === 'build') await tell(authorisation(machine, { found, isRefused }));
      await tell({ machine, step, ...found, duration });
      if (!found.succeeded) return;
    }
  }

  async #send(member: Member): Promise<string> {
    const session = await member.open();
    const program = await this.#program();
    const text = { name: 'cooper-greeting', contents: randomBytes(16), references: [] };
    const { paths } = await this.#parts.store.call('addTexts', { texts: [text] });
    const inputs = [...paths, program].map((path) => ({ path, size: 0 }));
    await session.inputs.ensure(inputs);
    await within(session.patience, 'take in what it was sent', session.sending.settle(inputs));
    return 'it believes our key';
  }

  async #build(member: Member, signal: AbortSignal): Promise<string> {
    const { systems } = (await member.open()).description;
    if (!systems.some((system) => trialSystems.includes(system)))
      return `not tried: no trial program runs on ${systems[0]}`;
    const { store, storeDir, closures, build } = this.#parts;
    const trial = makeTrial(storeDir, await this.#program(), randomBytes(16).toString('hex'));
    await store.call('addTexts', { texts: [trial.text] });
    const prepared = await store.call('prepareBuild', { derivation: trial.path, mode: 'normal' });
    if (prepared.status !== 'prepared')
      throw machineFailure(`our own store does not prepare a build: ${prepared.status}`);
    let isOpen = true;
    try {
      const job = trialJob(trial.path, prepared.missing);
      const inputs = await closures.of(trial.path, prepared.inputs);
      const listener = { signal, send: async () => undefined };
      const { storeDirectory } = succeeded(await build.run(member, job, { inputs, listener }));
      isOpen = false;
      const registration = await store.call('registerOutputs', {
        build: prepared.build,
        ...(storeDirectory && { storeDirectory }),
      });
      if (registration.status === 'registered') return 'a build was done, and its output taken in';
      throw machineFailure(`its output is not acceptable: ${JSON.stringify(registration)}`);
    } finally {
      if (isOpen) await store.call('abandonBuild', { build: prepared.build });
    }
  }

  async #program(): Promise<StorePath> {
    const archive = fileArchive(Buffer.from(trialProgram, 'base64'), true);
    const wish = { name: 'cooper-trial-program', recursive: true, hashAlgorithm: 'sha256' };
    const { info } = await this.#parts.store.call('addTree', wish, {
      onItem: (ticket) => sendBytes(ticket, [archive]),
    });
    return info.path;
  }
}

async function reach(member: Member): Promise<string> {
  const { description } = await member.open();
  return `${description.version}, for ${description.systems.join(', ')}, ${description.cores} processors`;
}

async function load(member: Member): Promise<string> {
  const session = await member.open();
  const { load, processors, free } = await within(session.patience, 'say how busy it is', session.firstLoad);
  return `load ${load.toFixed(2)} on ${processors} processors, ${(free / 2 ** 30).toFixed(1)} GiB free`;
}

interface Found {
  readonly succeeded: boolean;
  readonly finding: string;
}

interface Attempt {
  readonly found: Found;
  /** Whether our store refused what came back. */
  readonly isRefused: boolean;
}

async function attempt(work: () => Promise<string>): Promise<Attempt> {
  try {
    return { found: { succeeded: true, finding: await work() }, isRefused: false };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { found: { succeeded: false, finding: error.message }, isRefused: isRefusal(error) };
  }
}

function authorisation(machine: string, { found, isRefused }: Attempt): TrialStep {
  const text = isRefused ? found.finding : 'what it signs is believed here';
  const isKnown = found.succeeded || isRefused;
  return {
    machine,
    step: 'authorised-here',
    succeeded: !isRefused,
    finding: isKnown ? text : 'not known: nothing came back',
    duration: 0,
  };
}

function succeeded(outcome: Outcome): Extract<Outcome, { status: 'succeeded' }> {
  if (outcome.status === 'succeeded') return outcome;
  throw machineFailure(`the trial build has not succeeded: ${JSON.stringify(outcome)}`);
}

/** What of a job concerns another machine. */
function trialJob(derivation: StorePath, outputs: Job['outputs']): Job {
  const nothing = Buffer.alloc(0);
  return {
    derivation,
    mode: 'normal',
    system: 'x86_64-linux',
    builder: nothing,
    args: [],
    environment: [],
    directoryVariables: [],
    files: [],
    inputs: [],
    outputs,
    directory: nothing,
    sandbox: true,
    sandboxPaths: [],
    network: 'private',
    impersonateLinux26: false,
    limits: { timeout: 60, maxSilentTime: 0, maxLogSize: 0 },
    log: null,
    keepFailed: false,
    features: [],
    preferLocal: false,
  };
}
