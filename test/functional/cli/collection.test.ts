/** Collections in a loop beside builds: none of them fails, and what was built for somebody is there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { TemporaryCooper } from './temporary-cooper.ts';

t.setTimeout(400_000);

const builds = 200;

t.test('a loop of collections beside builds', async (t) => {
  const cooper = new TemporaryCooper();
  t.teardown(() => cooper.remove());
  // Of every five, one needs the one before: what it needs was built a moment ago, and has no root.
  const recipe = cooper.recipe(`
    const all = [];
    for (let n = 0; n < ${builds}; n++) {
      const needed = n % 5 === 4 ? all[n - 1] : '';
      all.push(shell(\`made-\${n}\`, 'echo "$needed" > $out', { env: { needed } }));
    }
    export default all;
  `);
  const link = join(cooper.directory, 'result');
  const building = cooper.start('build', '--file', recipe, '--max-jobs', '2', '--root', link);
  let hasEnded = false;
  const ended = building.ended.finally(() => (hasEnded = true));
  let rounds = 0;
  for (; !hasEnded; rounds++) {
    const { status, stderr } = await cooper.run('gc');
    if (status !== 0) t.fail(stderr);
  }
  const { status, stdout, stderr } = await ended;
  t.equal(status, 0, stderr.slice(-2000));
  const paths = stdout.split('\n').slice(0, -1);
  t.equal(paths.length, builds);
  t.strictSame(
    paths.filter((path) => !existsSync(path)),
    [],
    `all are there after ${rounds} collections`,
  );
  const verified = await cooper.run('store', 'verify', '--contents');
  t.match(verified, { status: 0, stderr: /all is well/ });
});
