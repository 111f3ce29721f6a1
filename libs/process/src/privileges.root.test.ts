import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { connect } from '@cooper/ipc';
import t from 'tap';
import { sampleContract } from './test-programs/sample-contract.ts';

const program = fileURLToPath(new URL('test-programs/sample.ts', import.meta.url));
const skip = process.getuid?.() === 0 ? false : 'SKIPPED: only root can become another user';

t.test('a process of root becomes the user that it is told to, and keeps nothing', { skip }, async (t) => {
  const child = spawn(process.execPath, [program, '--channel=sample=3', '--user=30123:30124'], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const client = await connect(sampleContract, child.stdio[3] as Socket, { client: 'test' });
  const { text } = await client.call('status', {});
  t.match(text, /^Uid:\t30123\t30123\t30123\t30123$/m);
  t.match(text, /^Gid:\t30124\t30124\t30124\t30124$/m);
  t.match(text, /^Groups:\t *$/m);
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) t.match(text, new RegExp(`^${set}:\t0+$`, 'm'));
  client.close();
  t.same(await once(child, 'exit'), [0, null]);
});
