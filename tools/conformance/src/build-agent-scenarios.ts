/** What holds for every build agent: jobs are done as they say, and told of truthfully. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { thisSystem } from '@cooper/config';
import { type BuildEvent, buildAgentContract, type Job, type Outcome } from '@cooper/contracts';
import { type Client, connect } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { Place } from './place.ts';
import { RawPeer } from './raw-peer.ts';
import type { Scenario } from './scenario.ts';
import { must, shown } from './violation.ts';
import { type Probe, wireScenarios } from './wire-scenarios.ts';

type Agent = Client<typeof buildAgentContract>;

/** Seconds since 1970 began, in ms, that no clock is behind. */
const year2020 = 1_577_836_800_000;

interface Done {
  readonly outcome: Outcome;
  readonly events: readonly BuildEvent[];
  readonly log: Buffer;
}

export function buildAgentScenarios(place: Place): Scenario<unknown>[] {
  const jobs = new Jobs(place);
  const probe: Probe = {
    method: 'offer',
    params: { job: jobs.script('exit 0', { system: 'pdp11-unix' }) },
    field: 'job',
    wrong: 'a job',
  };
  const scenario = (name: string, about: string, run: (agent: Agent) => Promise<void>): Scenario<unknown> => ({
    name,
    about,
    run: async ({ stream }) => run(await connect(buildAgentContract, stream, { client: 'conformance' })),
  });
  return [
    ...wireScenarios(buildAgentContract, probe),
    scenario('turns-down-other-systems', 'a system that nobody has is not built for', async (agent) => {
      const { outcome, events } = await offer(agent, jobs.script('exit 0', { system: 'pdp11-unix' }));
      must(['declined', 'unsupported-system'].includes(outcome.status), `the outcome is ${shown(outcome)}`);
      const isTold = events.some(({ event }) => event !== 'remark');
      must(outcome.status !== 'declined' || !isTold, 'it told of a build that it declined');
    }),
    scenario('builds', 'a job whose builder exits with 0 has succeeded, and its output is there', async (agent) => {
      const job = jobs.script('echo made > $out');
      const { outcome } = await offer(agent, job);
      must(outcome.status === 'succeeded', `the outcome is ${shown(outcome)}`);
      const output = jobs.outputOf(job, outcome);
      must(existsSync(output), `there is nothing at ${output}`);
      must(readFileSync(output, 'utf8') === 'made\n', `the output is not what the builder wrote`);
    }),
    scenario('tells-times', 'start and end are in milliseconds since 1970, in this order', async (agent) => {
      const { outcome, events } = await offer(agent, jobs.script('sleep 1; echo > $out'));
      must(outcome.status === 'succeeded', `the outcome is ${shown(outcome)}`);
      must(outcome.startTime > year2020, `it started at ${outcome.startTime}`);
      const took = outcome.stopTime - outcome.startTime;
      must(took >= 900 && took < 30_000, `a build of one second took ${took} ms`);
      const started = events.find(({ event }) => event === 'started');
      must(started !== undefined, 'it did not tell that the build started');
    }),
    scenario('starts-before-it-logs', 'the first event of a build is that it started', async (agent) => {
      const { events } = await offer(agent, jobs.script('echo first; echo > $out'));
      const [first] = events.filter(({ event }) => event !== 'remark');
      must(first?.event === 'started', `the first event is ${shown(first)}`);
    }),
    scenario(
      'passes-the-log',
      'the log is every byte that the builder wrote to its two outputs, in order',
      async (agent) => {
        const script = 'printf "one\\n"; printf "two\\377\\000\\n" >&2; printf "no newline at the end"; echo > $out';
        const { outcome, log } = await offer(agent, jobs.script(script));
        const expected = Buffer.from('one\ntwo\xff\x00\nno newline at the end', 'latin1');
        must(log.equals(expected), `the log is ${shown(log.toString('latin1'))}`);
        must('logSize' in outcome && outcome.logSize === expected.length, `the size of the log: ${shown(outcome)}`);
      },
    ),
    scenario('loses-nothing-of-a-long-log', 'a megabyte of log comes whole', async (agent) => {
      const script = 'i=0; while [ $i -lt 16384 ]; do printf "%063d\\n" $i; i=$((i+1)); done; echo > $out';
      const { log } = await offer(agent, jobs.script(script));
      must(log.length === 1_048_576, `${log.length} bytes of 1048576 came`);
      must(log.subarray(-6).toString() === '16383\n', 'the end of the log is missing');
    }),
    scenario('gives-the-environment', 'variables and arguments are passed byte by byte', async (agent) => {
      const job = jobs.script('printf "%s|" "$odd" "$1" "$#"; echo > $out', {}, { odd: 'a b\n=\xff' }, ['c  d\xfe']);
      const { log } = await offer(agent, job);
      must(log.equals(Buffer.from('a b\n=\xff|c  d\xfe|1|', 'latin1')), `it saw ${shown(log.toString('latin1'))}`);
    }),
    scenario(
      'gives-a-directory',
      'the builder starts in an empty directory of its own, which its variables name',
      async (agent) => {
        const script = 'test "$PWD" = "$TMPDIR" && test -z "$(ls -A)" && touch it && echo fine; echo > $out';
        const { log } = await offer(agent, jobs.script(script));
        must(log.toString() === 'fine\n', 'the directory is not empty, not writable, or not where TMPDIR says');
      },
    ),
    scenario('writes-the-files', 'the files of the job are in that directory', async (agent) => {
      const files = [{ name: 'note', contents: Buffer.from('some\xffbytes', 'latin1') }];
      const { log } = await offer(agent, jobs.script('cat note; echo > $out', { files }));
      must(log.equals(files[0]?.contents as Buffer), `the file holds ${shown(log.toString('latin1'))}`);
    }),
    scenario('tells-exit-codes', 'a builder that exits with another code has failed, with that code', async (agent) => {
      const { outcome } = await offer(agent, jobs.script('exit 7'));
      must(outcome.status === 'failed' && outcome.exitCode === 7, `the outcome is ${shown(outcome)}`);
      must(outcome.signal === null, `there was no signal: ${shown(outcome)}`);
    }),
    scenario('tells-signals', 'a builder that is killed has failed, with that signal', async (agent) => {
      const { outcome } = await offer(agent, jobs.script('kill -KILL $$'));
      must(outcome.status === 'failed', `the outcome is ${shown(outcome)}`);
      must(outcome.signal === 'SIGKILL' && outcome.exitCode === null, `the outcome is ${shown(outcome)}`);
    }),
    scenario('tells-missing-builders', 'a builder that is not there is no success', async (agent) => {
      const { outcome } = await offer(agent, jobs.script('exit 0', { builder: Buffer.from('/no/such/builder') }));
      must(['not-started', 'failed'].includes(outcome.status), `the outcome is ${shown(outcome)}`);
    }),
    scenario('keeps-the-time-limit', 'a build that takes too long is ended', async (agent) => {
      const limits = { timeout: 1, maxSilentTime: 0, maxLogSize: 0 };
      const { outcome } = await offer(agent, jobs.script('while :; do echo busy; sleep 0.1; done', { limits }));
      must(outcome.status === 'limited' && outcome.limit === 'timeout', `the outcome is ${shown(outcome)}`);
    }),
    scenario('keeps-the-limit-of-silence', 'a build that is silent for too long is ended', async (agent) => {
      const limits = { timeout: 0, maxSilentTime: 1, maxLogSize: 0 };
      const { outcome } = await offer(agent, jobs.script('sleep 1000', { limits }));
      must(outcome.status === 'limited' && outcome.limit === 'max-silent-time', `the outcome is ${shown(outcome)}`);
    }),
    scenario('keeps-the-limit-of-the-log', 'a build that says too much is ended', async (agent) => {
      const limits = { timeout: 0, maxSilentTime: 0, maxLogSize: 10_000 };
      const { outcome } = await offer(agent, jobs.script('while :; do echo busy; done', { limits }));
      must(outcome.status === 'limited' && outcome.limit === 'max-log-size', `the outcome is ${shown(outcome)}`);
    }),
    scenario('can-be-cancelled', 'a cancelled build is killed, and answered as cancelled', async (agent) => {
      const controller = new AbortController();
      const onItem = ({ event }: BuildEvent) => {
        if (event === 'log') controller.abort();
      };
      const job = jobs.script('echo running; exec sleep 1000');
      const ended = agent.call('offer', { job }, { onItem, signal: controller.signal });
      const outcome = await ended.then(
        (result) => result.outcome.status,
        (error: { code?: string }) => error.code,
      );
      must(outcome === 'cancelled', `it was answered by ${outcome}`);
    }),
    scenario('builds-side-by-side', 'two jobs may be under way on one channel', async (agent) => {
      const done = await Promise.all(['a', 'b'].map((name) => offer(agent, jobs.script(`echo ${name}; echo > $out`))));
      for (const [index, { outcome, log }] of done.entries()) {
        if (outcome.status === 'postponed') continue;
        must(outcome.status === 'succeeded', `the outcome is ${shown(outcome)}`);
        must(log.toString() === `${'ab'[index]}\n`, 'the logs of two builds were mixed up');
      }
    }),
    creditScenario(jobs),
  ];
}

/** A client that gives no credit gets 64 items, and the rest once it does. */
function creditScenario(jobs: Jobs): Scenario<unknown> {
  return {
    name: 'waits-for-credit',
    about: 'no more items are sent than the caller has given credit for, and none are lost by that',
    run: async (subject) => {
      const peer = new RawPeer(subject);
      await peer.greet(buildAgentContract);
      const script = 'i=0; while [ $i -lt 200 ]; do echo $i; sleep 0.01; i=$((i+1)); done; echo > $out';
      const id = peer.send('offer', { job: jobs.script(script) });
      const first = await peer.item(id);
      await new Promise((resolve) => setTimeout(resolve, 4000));
      const items = [first, ...peer.takeItems(id)];
      must(items.length <= 64, `${items.length} items came for a credit of 64`);
      peer.grant(id, 10_000);
      for (let item = await peer.item(id); item !== undefined; item = await peer.item(id)) items.push(item);
      const log = items.flatMap((item) =>
        (item as BuildEvent).event === 'log' ? [(item as { data: Buffer }).data] : [],
      );
      const lines = Buffer.concat(log).toString().split('\n').length - 1;
      must(lines === 200, `${lines} of 200 lines came`);
    },
  };
}

async function offer(agent: Agent, job: Job): Promise<Done> {
  const events: BuildEvent[] = [];
  const { outcome } = await agent.call('offer', { job }, { onItem: (event) => void events.push(event) });
  const pieces = events.flatMap((event) => (event.event === 'log' ? [event.data] : []));
  return { outcome, events, log: Buffer.concat(pieces) };
}

/** Makes jobs: scripts for the shell of the machine, without a sandbox, so that any agent can do them. */
class Jobs {
  readonly #place: Place;
  #last = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  script(text: string, changes: Partial<Job> = {}, variables: Record<string, string> = {}, words: string[] = []): Job {
    const number = ++this.#last;
    const digit = (index: number) => '0123456789abcdfghijklmnpqrsvwxyz'[index % 32];
    const hash = `${digit(number >> 5)}${digit(number)}${'0'.repeat(30)}`;
    const directory = `${this.#place.store}/.staging-${number}`;
    mkdirSync(directory, { mode: 0o700 });
    const output = `${this.#place.store}/${hash}-trial` as StorePath;
    const environment = { PATH: '/usr/bin:/bin', out: output, ...variables };
    return {
      derivation: `${output}.drv` as StorePath,
      mode: 'normal',
      system: thisSystem(),
      builder: Buffer.from('/bin/sh'),
      args: ['-c', text, 'sh', ...words].map((word) => Buffer.from(word, 'latin1')),
      environment: Object.entries(environment).map(([name, value]) => ({
        name: Buffer.from(name),
        value: Buffer.from(value, 'latin1'),
      })),
      directoryVariables: ['NIX_BUILD_TOP', 'TMPDIR', 'TEMPDIR', 'TMP', 'TEMP', 'PWD'],
      files: [],
      inputs: [],
      outputs: [{ name: 'out', path: output }],
      directory: Buffer.from(directory),
      sandbox: false,
      sandboxPaths: [],
      network: 'private',
      impersonateLinux26: false,
      limits: { timeout: 0, maxSilentTime: 0, maxLogSize: 0 },
      log: null,
      keepFailed: false,
      features: [],
      preferLocal: false,
      ...changes,
    };
  }

  /** Where the output of `job` lies: in the store directory or the root that the builder saw, or in the store itself. */
  outputOf(job: Job, outcome: Extract<Outcome, { status: 'succeeded' }>): string {
    const path = job.outputs[0]?.path ?? '';
    const { root, storeDirectory } = outcome;
    const below = (place: Uint8Array) => `${Buffer.from(job.directory)}/${Buffer.from(place)}`;
    if (storeDirectory !== undefined) return `${below(storeDirectory)}/${basename(path)}`;
    return root === undefined ? path : `${below(root)}${path}`;
  }
}
