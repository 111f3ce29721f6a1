/** Build agents, from the one thing that only their author knows: how a job is done. */
import { buildAgentContract, type Job, type Outcome } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { type Handlers, serve } from '@cooper/ipc';
import { run } from '@cooper/process';

export interface BuildAgent {
  /** For logs, and for `cooper ps`. */
  readonly name: string;
  /** True for an agent that builds on the machine of the scheduler: it is asked last. */
  readonly isLocal?: boolean;
  /** Does a job, or says why not. An accepted job is told of by `progress.started` first. */
  build(job: Job, progress: Progress): Promise<Outcome>;
}

/** What an agent tells while it builds; each function resolves when there is room for more. */
export interface Progress {
  /** Aborted when nobody wants the build any more: it is to be ended, with the outcome `cancelled`. */
  readonly signal: AbortSignal;
  started(process: number, logFile?: string): Promise<void>;
  /** Passes on what the build says. */
  log(data: Uint8Array): Promise<void>;
  /** Says something that is not of the build. */
  remark(text: string): Promise<void>;
}

/** Runs `agent` as a process: on standard input and output, or where the words of its command line say. */
export function defineBuildAgent(agent: BuildAgent): void {
  const { name, isLocal } = agent;
  const features = isLocal === true ? ['local'] : [];
  run(name, async (context) => {
    const handlers = buildAgentHandlers(agent);
    await context.serve('build-agent', (stream) => {
      return serve(buildAgentContract, handlers, stream, { server: name, features }).settled;
    });
  });
}

/** The functions of the contract. */
export function buildAgentHandlers(agent: BuildAgent): Handlers<typeof buildAgentContract> {
  return {
    offer: async ({ job }, call) => {
      const outcome = await agent.build(job, {
        signal: call.signal,
        started: (process, logFile = '') =>
          call.send({ event: 'started', process, logFile: Buffer.from(logFile), time: Date.now() }),
        log: (data) => call.send({ event: 'log', data }),
        remark: (text) => call.send({ event: 'remark', data: Buffer.from(`${text}\n`) }),
      });
      return { outcome };
    },
    settle: () => {
      throw new Fault('unknown-build', 'this agent holds no builds');
    },
  };
}
