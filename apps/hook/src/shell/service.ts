/** Serves the build-agent contract by the reference's build hook: offers become its lines, its lines the answer. */
import { openLog } from '@cooper/build-log';
import type { BuildEvent, buildAgentContract, Job, Outcome, storeContract } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import type { Client, Handlers } from '@cooper/ipc';
import { hookArguments, isReply, jobLines, requestLine } from '../core/hook-lines.ts';
import { hookOutcome } from '../core/hook-outcome.ts';
import { HookProcess } from './hook-process.ts';

export interface HookSettings {
  /** The program that stands for `guix`. */
  readonly program: string;
  readonly system: string;
  readonly logDir: string;
}

interface Listener {
  readonly signal: AbortSignal;
  send(event: BuildEvent): Promise<void>;
}

export class Hook {
  readonly #settings: HookSettings;
  readonly #store: Client<typeof storeContract>;
  /** Processes that have declined or postponed the last job they were asked about, by the words of their command. */
  readonly #idle = new Map<string, HookProcess[]>();
  readonly #all = new Set<HookProcess>();

  constructor(settings: HookSettings, store: Client<typeof storeContract>) {
    this.#settings = settings;
    this.#store = store;
  }

  get handlers(): Handlers<typeof buildAgentContract> {
    return { offer: async ({ job }, call) => ({ outcome: await this.#offer(job, call) }), settle: holdsNothing };
  }

  stop(): void {
    for (const hook of this.#all) hook.kill();
  }

  async #offer(job: Job, listener: Listener): Promise<Outcome> {
    const words = hookArguments(job, this.#settings.system);
    const hook = this.#take(words);
    const kill = () => hook.kill();
    listener.signal.addEventListener('abort', kill, { once: true });
    try {
      return await this.#ask(hook, words, job, listener);
    } catch (error) {
      hook.kill();
      if (isFault(error, 'hook-failed')) return { status: 'declined', reason: error.message };
      throw error;
    } finally {
      listener.signal.removeEventListener('abort', kill);
    }
  }

  async #ask(hook: HookProcess, words: readonly string[], job: Job, listener: Listener): Promise<Outcome> {
    const reply = await hook.ask(requestLine(job), (data) => listener.send({ event: 'remark', data }));
    if (!isReply(reply)) {
      hook.kill();
      return { status: 'declined', reason: `bad hook reply \`${reply}'` };
    }
    if (reply === 'accept') return this.#run(hook, job, listener);
    this.#idle.get(words.join(' '))?.push(hook);
    const reason = `the build hook says \`${reply}'`;
    return reply === 'decline' ? { status: 'declined', reason } : { status: 'postponed', reason };
  }

  async #run(hook: HookProcess, job: Job, listener: Listener): Promise<Outcome> {
    const { paths } = await this.#store.call('queryClosure', { paths: [job.derivation] });
    const log = openLog(this.#settings.logDir, job.derivation, job.log);
    const startTime = Date.now();
    let logSize = 0;
    try {
      const logFile = Buffer.from(log.path);
      await listener.send({ event: 'started', process: hook.id, logFile, time: startTime });
      hook.begin(jobLines([...new Set([...job.inputs, ...paths])], job));
      const passRemarks = forEach(hook.remarks(), (data) => listener.send({ event: 'remark', data }));
      const passLog = forEach(hook.log, async (data) => {
        logSize += data.length;
        if (isTooLong(logSize, job)) hook.kill();
        await log.write(data);
        await listener.send({ event: 'log', data });
      });
      const [end] = await Promise.all([hook.ended, passRemarks, passLog]);
      const span = { startTime, stopTime: Date.now(), logSize };
      if (listener.signal.aborted) return { status: 'cancelled' };
      if (isTooLong(logSize, job)) return { status: 'limited', ...span, limit: 'max-log-size' };
      return hookOutcome(end, span);
    } finally {
      await log.close();
    }
  }

  /** A process that can be asked: an idle one, if there is one. */
  #take(words: readonly string[]): HookProcess {
    const key = words.join(' ');
    const idle = this.#idle.get(key) ?? [];
    this.#idle.set(key, idle);
    return idle.pop() ?? this.#start(words);
  }

  #start(words: readonly string[]): HookProcess {
    const hook = new HookProcess(this.#settings.program, words);
    this.#all.add(hook);
    void hook.ended.then(() => {
      this.#all.delete(hook);
      for (const idle of this.#idle.values()) {
        if (idle.includes(hook)) idle.splice(idle.indexOf(hook), 1);
      }
    });
    return hook;
  }
}

function isTooLong(logSize: number, { limits }: Job): boolean {
  return limits.maxLogSize > 0 && logSize > limits.maxLogSize;
}

async function forEach(pieces: AsyncIterable<Buffer>, act: (piece: Buffer) => Promise<void>): Promise<void> {
  for await (const piece of pieces) await act(piece);
}

/** The directories of these builds are on other machines. */
function holdsNothing(): never {
  throw new Fault('unknown-build', 'no build is held here');
}
