import type { SchedulerEvent, TargetResult } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { BuildAccount } from './build-outcome.ts';

const derivation = `/gnu/store/${'0'.repeat(32)}-x.drv` as StorePath;
const other = `/gnu/store/${'1'.repeat(32)}-y.drv` as StorePath;

function failed(more: Partial<Extract<SchedulerEvent, { event: 'build-failed' }>>): SchedulerEvent {
  return { event: 'build-failed', derivation, status: 'permanent-failure', message: 'm', time: 30, ...more };
}

function result(status: TargetResult['status']): TargetResult {
  return { target: derivation, status, outputs: [], message: 'why' };
}

function outcome(status: TargetResult['status'], ...events: readonly SchedulerEvent[]) {
  const account = new BuildAccount(derivation, 10);
  for (const event of events) account.take(event);
  return account.outcome(result(status), 40);
}

t.test('the near side hears of its own build', async (t) => {
  const account = new BuildAccount(derivation, 10);
  const data = Buffer.from('a\n');
  t.same(account.take({ event: 'build-log', derivation, data }), { event: 'log', data });
  t.equal(account.take({ event: 'build-log', derivation: other, data }), undefined);
  t.match(account.take({ event: 'message', level: 'warning', text: 'w' }), { event: 'remark' });
  const started = { system: 's', logFile: Buffer.from('/log'), process: 7, agent: 'builder', time: 20 };
  t.match(account.take({ event: 'build-started', derivation, ...started }), { event: 'started', process: 7, time: 20 });
  t.same(account.outcome(result('built'), 40), { status: 'succeeded', startTime: 20, stopTime: 40, logSize: 2 });
});

t.test('failures keep what is known of them', async (t) => {
  const span = { startTime: 10, stopTime: 40, logSize: 0 };
  t.same(outcome('permanent-failure', failed({ exitCode: 3 })), {
    status: 'failed',
    ...span,
    exitCode: 3,
    signal: null,
  });
  t.match(outcome('permanent-failure', failed({ signal: 'SIGKILL' })), { exitCode: null, signal: 'SIGKILL' });
  t.match(outcome('permanent-failure', failed({})), { status: 'failed', exitCode: 1, signal: null });
  const full = outcome('transient-failure', failed({ exitCode: 1, fullFileSystem: Buffer.from('/tmp') }));
  t.match(full, { status: 'failed', fullFileSystem: Buffer.from('/tmp') });
  t.match(outcome('timed-out', failed({ limit: 'max-silent-time' })), { status: 'limited', limit: 'max-silent-time' });
  t.match(outcome('cancelled'), { status: 'cancelled' });
});

t.test('what says nothing about the derivation is a failure of this machine', async (t) => {
  t.match(outcome('misc-failure', failed({ status: 'misc-failure' })), { status: 'agent-failed', message: 'why' });
  t.match(outcome('dependency-failed'), { status: 'agent-failed' });
  t.match(outcome('no-substituters'), { status: 'agent-failed' });
});

t.test('what the near side judges by its own rules is given back', async (t) => {
  for (const status of ['output-rejected', 'not-deterministic', 'cached-failure', 'input-rejected'] as const) {
    t.same(outcome(status, failed({ status })), { status: 'declined', reason: 'why' });
  }
});
