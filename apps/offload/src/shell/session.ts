/**
 * The way to a machine, while it is open: one ssh process, over which everything goes that concerns it. What is wrong with
 * either is thrown as a failure of the machine, and what ssh said about it is the reason.
 */
import {
  type Item,
  type Params,
  type RemoteMachine,
  type RemoteStatus,
  type Result,
  remoteContract,
} from '@cooper/contracts';
import { type Fault, isFault } from '@cooper/fault';
import { type CallOptions, type Client, connect } from '@cooper/ipc';
import type { Machine } from '@cooper/machines';
import type { Load } from '../core/choice.ts';
import { Inputs } from './inputs.ts';
import { machineFailure, within } from './machine-failure.ts';
import { Sending, type SendingStore } from './sending.ts';
import { SshProcess } from './ssh-process.ts';

/** How often, in ms, a machine says how busy it is. */
const heartbeat = 5000;

type Name = keyof typeof remoteContract.methods;
type Call<N extends Name> = CallOptions<Item<typeof remoteContract, N>>;

export class Session {
  readonly machine: Machine;
  readonly description: RemoteMachine;
  readonly inputs: Inputs;
  readonly sending: Sending;
  /** Resolves when it is over; with the reason, if it was not for us to end it. */
  readonly ended: Promise<Fault | undefined>;
  /** What the machine said last, and first. */
  load: Load | null = null;
  readonly firstLoad: Promise<Load>;
  readonly #tellFirst: (load: Load) => void;
  readonly #ssh: SshProcess;
  readonly #client: Client<typeof remoteContract>;
  #isClosed = false;

  private constructor(
    machine: Machine,
    ssh: SshProcess,
    opened: { client: Client<typeof remoteContract>; description: RemoteMachine; store: SendingStore },
  ) {
    this.machine = machine;
    this.description = opened.description;
    this.#ssh = ssh;
    this.#client = opened.client;
    this.sending = new Sending(this, opened.store);
    this.inputs = new Inputs({
      findMissing: async (paths) => (await this.#ask(paths)).paths,
      send: (inputs, closure) => this.sending.send(inputs, closure),
    });
    const first = Promise.withResolvers<Load>();
    this.firstLoad = first.promise;
    this.#tellFirst = first.resolve;
    this.ended = this.#end();
    void this.#listen();
  }

  /** Opens it. `directory` holds what ssh reads. Throws a failure of the machine. */
  static async open(machine: Machine, directory: string, store: SendingStore): Promise<Session> {
    const ssh = new SshProcess(machine, directory);
    const patience = patienceOf(machine);
    try {
      const opening = connect(remoteContract, ssh, { client: 'cooper-offload' });
      const client = await within(patience, 'greet', opening);
      const description = await within(patience, 'say what it is', client.call('describe', {}));
      const storeDir = Buffer.from(description.storeDir).toString();
      if (storeDir !== store.directory) {
        throw machineFailure(`its store is \`${storeDir}', and ours \`${store.directory}'`);
      }
      return new Session(machine, ssh, { client, description, store });
    } catch (error) {
      const failure = await explain(error, ssh);
      ssh.destroy();
      throw failure;
    }
  }

  /** The id of its ssh process. */
  get process(): number {
    return this.#ssh.pid;
  }

  /** How long, in ms, any step may take without a sign of life. */
  get patience(): number {
    return patienceOf(this.machine);
  }

  /** How long, in ms, nothing may be heard of a job whose builder does not run. */
  get jobPatience(): number {
    return this.machine.jobPatience * 1000;
  }

  /** Calls the machine; what it answers as an error is a failure of its own. */
  async call<N extends Name>(
    name: N,
    params: Params<typeof remoteContract, N>,
    options?: Call<N>,
  ): Promise<Result<typeof remoteContract, N>> {
    try {
      return await this.#client.call(name, params, options);
    } catch (error) {
      throw await explain(error, this.#ssh);
    }
  }

  /** Nothing more is expected of it: its process is ended. */
  fail(failure: Fault): void {
    this.#ssh.destroy(failure);
  }

  close(): void {
    this.#isClosed = true;
    this.#ssh.destroy();
  }

  /** The answer comes when it has what its caches have. */
  async #ask(paths: Params<typeof remoteContract, 'queryMissing'>['paths']) {
    const stop = new AbortController();
    const wish = { paths, substitute: this.machine.substitutes };
    try {
      const answer = this.call('queryMissing', wish, { signal: stop.signal });
      return await within(this.jobPatience, 'say what it lacks', answer);
    } finally {
      stop.abort();
    }
  }

  async #end(): Promise<Fault | undefined> {
    await this.#client.closed;
    return this.#isClosed ? undefined : await this.#ssh.lost;
  }

  /** Takes the heartbeat. A machine that says nothing for too long is given up. */
  async #listen(): Promise<void> {
    const look = setInterval(() => {
      if (performance.now() - this.#ssh.lastHeard < this.patience) return;
      this.fail(machineFailure(`it has said nothing for ${this.patience / 1000} s`));
    }, 500);
    look.unref();
    try {
      await this.call('watchStatus', { period: heartbeat }, { onItem: (status) => this.#keep(status) });
    } catch (error) {
      this.fail(isFault(error) ? error : machineFailure(String(error)));
    } finally {
      clearInterval(look);
    }
  }

  #keep({ load, pressure, freeStore }: RemoteStatus): void {
    this.load = {
      processors: this.description.cores,
      load: load / 100,
      pressure: { cpu: (pressure?.processor ?? 0) / 10_000, memory: (pressure?.memory ?? 0) / 10_000 },
      free: freeStore,
    };
    this.#tellFirst(this.load);
  }
}

function patienceOf({ patience }: Machine): number {
  return patience * 1000;
}

/** What ended the channel is known better to ssh than to whoever read from it. */
async function explain(error: unknown, ssh: SshProcess): Promise<unknown> {
  if (!isFault(error) || error.code === 'machine-failed' || error.code === 'cancelled') return error;
  if (error.code === 'channel-closed') return await ssh.lost;
  return machineFailure(error.message, error);
}
