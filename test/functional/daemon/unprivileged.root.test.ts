/** The daemon without root, as Guix's own tests run it: builds without a sandbox, as the user who started it. */
import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import t from 'tap';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { addGraph, build, graphOf, outputOf, shell } from './graphs.ts';
import { cooperProgram, RunningDaemon } from './running-daemon.ts';

const user = 30_518;
const skip = skipReason();

function skipReason(): string | false {
  if (process.getuid?.() !== 0) return 'SKIPPED: needs root, to be another user';
  const { status } = spawnSync('/bin/sh', ['-c', 'test -x "$0"', cooperProgram], { uid: user, gid: user });
  return status === 0 ? false : 'SKIPPED: the checkout is not readable for other users';
}

// Many processes start here, on machines that may be busy.
t.setTimeout(110_000);

t.test('an ordinary user serves a store of his own', { skip }, async (t) => {
  const root = temporaryDirectory(t);
  chownSync(root, user, user);
  const daemon = new RunningDaemon(t, [], {
    root,
    uid: user,
    gid: user,
    env: { PATH: process.env['PATH'], HOME: root },
  });
  const client = await daemon.connect();
  const item = shell('item', 'id -u > $out');
  const graph = graphOf(daemon.storeDir, [item]);
  const [target = ''] = await addGraph(client, graph, [item]);
  t.equal((await build(client, [target])).error, undefined);
  const output = outputOf(graph, target);
  t.equal(readFileSync(output, 'utf8'), `${user}\n`);
  t.equal(statSync(output).uid, user);
  t.equal(statSync(daemon.socket).mode & 0o777, 0o666);
  // His clients are to his daemon what root's are.
  process.seteuid?.(user);
  const own = await daemon.connect().finally(() => process.seteuid?.(0));
  t.equal((await build(own, [target], { mode: 1 })).error, undefined);
  t.equal(statSync(`${root}/state/profiles/per-user/${user}`).uid, user);
  for (const each of [client, own]) each.close();
  t.equal(await daemon.stop(), 0);
});
