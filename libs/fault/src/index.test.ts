import t from 'tap';
import { Fault, isFault } from './index.ts';

t.test('a fault carries its code, message, facts and cause', async (t) => {
  const cause = new Error('disk full');
  const fault = new Fault('write-failed', 'cannot write `x`', { path: 'x', size: 3 }, { cause });
  t.type(fault, Error);
  t.equal(fault.name, 'Fault');
  t.equal(fault.code, 'write-failed');
  t.equal(fault.message, 'cannot write `x`');
  t.same(fault.facts, { path: 'x', size: 3 });
  t.equal(fault.cause, cause);
  t.match(fault.stack, /^Fault: cannot write `x`/);
});

t.test('facts and cause may be left out', async (t) => {
  const fault = new Fault('closed', 'the channel is closed');
  t.same(fault.facts, {});
  t.notOk('cause' in fault);
});

t.test('faults are told from other errors, and by their codes', async (t) => {
  const fault = new Fault('closed', 'the channel is closed');
  t.ok(isFault(fault));
  t.ok(isFault(fault, 'closed'));
  t.notOk(isFault(fault, 'close'));
  t.notOk(isFault(Object.assign(new Error('ENOENT'), { code: 'closed' }), 'closed'));
  t.notOk(isFault({ code: 'closed', message: 'the channel is closed', facts: {} }));
  t.notOk(isFault(undefined));
});
