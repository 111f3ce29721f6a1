import t from 'tap';
import { controllerLimits, eventsFile, limitFiles, wasMet } from './machine-limits.ts';

const [memory, processes] = controllerLimits({ memory: 4096, processes: 7 });
if (memory === undefined || processes === undefined) throw new Error('two limits');

t.test('0 is no limit', async (t) => {
  t.same(controllerLimits({ memory: 0, processes: 0 }), []);
  t.same(
    controllerLimits({ memory: 0, processes: 7 }).map(({ limit }) => limit),
    ['max-build-processes'],
  );
});

t.test('the files of either version', async (t) => {
  const files = (limit: typeof memory, kind: 'unified' | 'memory' | 'pids') =>
    limitFiles(limit, kind).map(({ name, text, required }) => `${name}=${text}${required ? '' : '?'}`);
  t.same(files(memory, 'unified'), ['memory.max=4096', 'memory.swap.max=0?', 'memory.oom.group=1?']);
  t.same(files(memory, 'memory'), ['memory.limit_in_bytes=4096', 'memory.memsw.limit_in_bytes=4096?']);
  t.same(files(processes, 'unified'), ['pids.max=7']);
  t.same(files(processes, 'pids'), ['pids.max=7']);
  t.equal(eventsFile(memory, 'unified'), 'memory.events');
  t.equal(eventsFile(memory, 'memory'), 'memory.oom_control');
  t.equal(eventsFile(processes, 'pids'), 'pids.events');
});

t.test('whether a limit was met', async (t) => {
  t.ok(wasMet(memory, 'low 0\nhigh 0\nmax 90\noom 2\noom_kill 1\n'));
  t.notOk(wasMet(memory, 'low 0\nhigh 0\nmax 90\noom 2\noom_kill 0\n'), 'what was found after all is no lack');
  t.ok(wasMet(memory, 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n'));
  t.notOk(wasMet(memory, 'oom_kill_disable 0\nunder_oom 0\n'), 'a kernel that does not count');
  t.ok(wasMet(processes, 'max 12\n'));
  t.notOk(wasMet(processes, 'max 0\n'));
});
