/** What holds for every scheduler: what is asked for gets valid, each thing is done once, and nobody waits for nothing. */
import { schedulerContract } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import type { Place } from './place.ts';
import type { Scenario } from './scenario.ts';
import { type Behaviour, type SchedulerSubject, SchedulerTrial, span } from './scheduler-trial.ts';
import { must, same, shown } from './violation.ts';
import { wireScenarios } from './wire-scenarios.ts';

/** An agent that builds everything. */
const willing: Behaviour = () => undefined;

export function schedulerScenarios(place: Place): Scenario<unknown>[] {
  const probe = {
    method: 'plan',
    params: { targets: [] },
    field: 'targets',
    wrong: 'all',
  };
  const scenario = (
    name: string,
    about: string,
    run: (trial: SchedulerTrial) => Promise<void>,
    behave: Behaviour = willing,
  ): Scenario<unknown> => ({
    name,
    about,
    run: async (subject) => run(await SchedulerTrial.open(place, subject as SchedulerSubject, behave)),
  });
  return [
    ...wireScenarios(schedulerContract, probe),
    scenario('builds', 'a derivation is built, and then it is valid', async (trial) => {
      const target = await trial.add(trial.derivation('one'));
      const { statuses, exitStatus, events } = await trial.realise([target]);
      must(same(statuses, ['built']) && exitStatus === 0, `the end is ${shown(statuses)}, ${exitStatus}`);
      const kinds = events.map(({ event }) => event).filter((event) => /^build-(started|succeeded)$/.test(event));
      must(same(kinds, ['build-started', 'build-succeeded']), `the events are ${shown(kinds)}`);
      const again = await trial.realise([target]);
      must(same(again.statuses, ['already-valid']), `the second end is ${shown(again.statuses)}`);
      must(trial.offered.length === 1, `it was offered ${trial.offered.length} times`);
    }),
    scenario('builds-inputs-first', 'what a derivation needs is built before it, once', async (trial) => {
      const low = trial.derivation('low');
      const middle = [trial.derivation('left', [low]), trial.derivation('right', [low])];
      const { statuses } = await trial.realise([await trial.add(trial.derivation('top', middle))]);
      must(same(statuses, ['built']), `the end is ${shown(statuses)}`);
      const { offered } = trial;
      must(offered.length === 4 && offered[0] === 'low' && offered[3] === 'top', `the order was ${shown(offered)}`);
    }),
    scenario('shares-work', 'two requests for one derivation cause one build', async (trial) => {
      const target = await trial.add(trial.derivation('shared', [trial.derivation('below')]));
      const ends = await Promise.all([trial.realise([target]), trial.realise([target])]);
      must(
        ends.every(({ exitStatus }) => exitStatus === 0),
        `the ends are ${shown(ends.map(({ statuses }) => statuses))}`,
      );
      must(trial.offered.length === 2, `there were ${trial.offered.length} builds`);
    }),
    scenario('plans', 'a plan names what would be built, and builds nothing', async (trial) => {
      const target = await trial.add(trial.derivation('planned', [trial.derivation('below')]));
      const { build } = await trial.scheduler.call('plan', { targets: [target] });
      must(build.length === 2, `the plan is ${shown(build)}`);
      must(trial.offered.length === 0, 'something was built');
    }),
    scenario(
      'fails-what-needs-it',
      'a failed build fails what needs it, with exit status 100',
      async (trial) => {
        const target = await trial.add(trial.derivation('top', [trial.derivation('bad')]));
        const { statuses, exitStatus } = await trial.realise([target]);
        must(same(statuses, ['dependency-failed']), `the end is ${shown(statuses)}`);
        must(exitStatus === 100, `the exit status is ${exitStatus}`);
        must(!trial.offered.includes('top'), 'what needs it was built all the same');
      },
      failing,
    ),
    scenario(
      'keeps-going',
      'with keepGoing the other targets are built',
      async (trial) => {
        const targets = [await trial.add(trial.derivation('bad')), await trial.add(trial.derivation('good'))];
        const { statuses, exitStatus } = await trial.realise(targets, { keepGoing: true });
        must(same(statuses, ['permanent-failure', 'built']), `the ends are ${shown(statuses)}`);
        must(exitStatus === 100, `the exit status is ${exitStatus}`);
      },
      failing,
    ),
    scenario(
      'judges-outputs',
      'a build without its output is no success',
      async (trial) => {
        const { statuses, exitStatus } = await trial.realise([await trial.add(trial.derivation('liar'))]);
        must(same(statuses, ['output-rejected']), `the end is ${shown(statuses)}`);
        must(exitStatus !== 0, 'the exit status says that all is well');
      },
      () => Promise.resolve({ status: 'succeeded', ...span(), root: Buffer.from('root') }),
    ),
    scenario(
      'tells-limits',
      'a build that took too long ends the request with exit status 101',
      async (trial) => {
        const { statuses, exitStatus } = await trial.realise([await trial.add(trial.derivation('slow'))]);
        must(same(statuses, ['timed-out']), `the end is ${shown(statuses)}`);
        must(exitStatus === 101, `the exit status is ${exitStatus}`);
      },
      () => Promise.resolve({ status: 'limited', ...span(), limit: 'timeout' }),
    ),
    scenario(
      'asks-again',
      'a job that was postponed is offered again',
      async (trial) => {
        const { statuses } = await trial.realise([await trial.add(trial.derivation('later'))]);
        must(same(statuses, ['built']), `the end is ${shown(statuses)}`);
        must(trial.offered.length === 2, `it was offered ${trial.offered.length} times`);
      },
      postponingOnce(),
    ),
    scenario(
      'fails-when-all-decline',
      'a job that nobody takes fails, and says why',
      async (trial) => {
        const { exitStatus, events } = await trial.realise([await trial.add(trial.derivation('unloved'))]);
        must(exitStatus === 1, `the exit status is ${exitStatus}`);
        const text = events.map((event) => ('message' in event ? event.message : '')).join(' ');
        must(text.includes('the moon is wrong'), `the reason is not told: ${text}`);
      },
      () => Promise.resolve({ status: 'declined', reason: 'the moon is wrong' }),
    ),
    scenario(
      'cancels',
      'a request that is taken back is ended, and its build with it',
      async (trial) => {
        const target = await trial.add(trial.derivation('endless'));
        const controller = new AbortController();
        const ended = trial.realise([target], {}, controller.signal).then(
          () => 'an answer',
          (error: unknown) => (isFault(error) ? error.code : String(error)),
        );
        while (trial.offered.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        controller.abort();
        const how = await ended;
        must(how === 'cancelled', `it was answered by ${how}`);
      },
      untilCancelled,
    ),
    scenario(
      'tells-what-goes-on',
      'a snapshot has the request and the goal of a build that runs',
      async (trial) => {
        const target = await trial.add(trial.derivation('running'));
        const controller = new AbortController();
        const ended = trial
          .realise([target], { client: { name: 'somebody' } }, controller.signal)
          .catch(() => undefined);
        while (trial.offered.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        const { requests, goals } = await trial.scheduler.call('snapshot', {});
        must(
          requests.some(({ client }) => client === 'somebody'),
          `the requests are ${shown(requests)}`,
        );
        must(
          goals.some(({ path }) => path.endsWith('-running.drv')),
          `the goals are ${shown(goals)}`,
        );
        controller.abort();
        await ended;
      },
      untilCancelled,
    ),
    scenario('refuses-bad-targets', 'what is no path of the store is refused', async (trial) => {
      const result = await trial.realise(['/etc/passwd']).catch((error: unknown) => error);
      must(isFault(result) && result.code === 'invalid-target', `it was answered by ${shown(result)}`);
    }),
  ];
}

const failing: Behaviour = (name) =>
  name === 'bad' ? Promise.resolve({ status: 'failed', ...span(), exitCode: 1, signal: null }) : undefined;

function postponingOnce(): Behaviour {
  let asked = 0;
  return () => (asked++ === 0 ? Promise.resolve({ status: 'postponed', reason: 'busy', retryAfter: 50 }) : undefined);
}

const untilCancelled: Behaviour = (_name, _job, signal) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve({ status: 'cancelled' }), { once: true }));
