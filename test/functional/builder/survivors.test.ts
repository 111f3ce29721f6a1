/** S34: nothing of a build may run when its outcome is told, whatever it did to stay. */
import t from 'tap';
import { kinds, TestBuilder } from './builder.ts';
import { checkNothingStays } from './survivors.ts';

for (const [kind, options] of kinds) {
  t.test(`nothing stays of the builds of ${kind}`, async (t) => {
    const builder = new TestBuilder(options);
    t.teardown(() => builder.remove());
    await checkNothingStays(t, builder);
  });
}
