/** S07, S37: a builder that holds more descriptors than fit old interfaces, and builds that get none of them. */
import t from 'tap';
import { kinds, TestBuilder } from './builder.ts';

/** A shell that opens many files before it becomes the builder. */
const many = ['bash', '-c', 'ulimit -n 4096; for n in {3..1300}; do eval "exec $n</dev/null"; done; exec "$0" "$@"'];

for (const [kind, options] of kinds) {
  t.test(`S07, S37: for ${kind}`, async (t) => {
    const builder = new TestBuilder({ ...options, within: many });
    t.teardown(() => builder.remove());
    const jobs = Array.from({ length: 20 }, (_, index) =>
      builder.script(`echo ${index}; ls /proc/self/fd | wc -l`, { log: 'gzip' }),
    );
    const done = await Promise.all(jobs.map((job) => builder.offer(job)));
    for (const [index, { outcome, log }] of done.entries()) {
      t.equal(outcome.status, 'succeeded');
      // Its own three, and the one that it lists.
      t.equal(`${log}`, `${index}\n4\n`);
    }
    t.same(builder.leftovers(), []);
  });
}
