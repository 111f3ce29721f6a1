import t from 'tap';
import { ControlGroups } from './control-groups.ts';

t.test('a limit that nothing can keep is refused, by its name', async (t) => {
  const nowhere = [{ kind: 'pids', directory: '/nonexistent/pids' }] as const;
  for (const [limits, name] of [
    [{ memory: 1 << 30, processes: 0 }, 'max-build-memory'],
    [{ memory: 0, processes: 10 }, 'max-build-processes'],
  ] as const) {
    t.throws(() => new ControlGroups(limits, nowhere), { code: 'cannot-limit-builds', message: new RegExp(name) });
    t.throws(() => new ControlGroups(limits, []), { code: 'cannot-limit-builds' });
  }
  t.equal(
    new ControlGroups({ memory: 0, processes: 0 }, nowhere).make(),
    undefined,
    'and without limits none is needed',
  );
});
