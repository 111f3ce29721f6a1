/** `--substitute-agent` and `--build-agent`: programs of the user's, which know nothing of Cooper but its contracts. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toBytes } from '@cooper/byte-string';
import { fileArchive } from '@cooper/nar';
import { authorise, emptyAccessList, printAdvanced } from '@cooper/signature';
import t, { type Test } from 'tap';
import { MadeCache } from '../../support/made-cache.ts';
import { TemporaryCooper } from './temporary-cooper.ts';

const examples = fileURLToPath(new URL('../../../examples/python-agents/', import.meta.url));
const skip = spawnSync('python3', ['--version']).status === 0 ? false : 'needs python3';

t.setTimeout(240_000);

/** With root, agents are users who may not be able to read where Cooper lies. */
function setting(t: Test): TemporaryCooper {
  const cooper = new TemporaryCooper();
  t.teardown(() => cooper.remove());
  cpSync(examples, join(cooper.directory, 'agents'), { recursive: true });
  return cooper;
}

t.test('a substituter of the user fetches', { skip }, async (t) => {
  const cooper = setting(t);
  const cache = new MadeCache(cooper.store);
  const { path } = cache.add(fileArchive(Buffer.from('fetched\n')), { name: 'it', packing: 'none' });
  for (const [name, bytes] of cache.files) {
    mkdirSync(dirname(join(cooper.directory, 'cache', name)), { recursive: true });
    writeFileSync(join(cooper.directory, 'cache', name), bytes);
  }
  mkdirSync(`${cooper.state}/etc`, { recursive: true });
  const list = authorise(emptyAccessList, cache.key.publicKey.expression);
  writeFileSync(`${cooper.state}/etc/acl`, toBytes(printAdvanced(list.expression)));

  const agent = `${cooper.directory}/agents/directory_substituter.py ${cooper.directory}/cache`;
  const { status, stderr } = await cooper.run('build', path, `--substitute-agent=${agent}`);
  t.equal(status, 0, stderr);
  t.equal(readFileSync(path, 'utf8'), 'fetched\n');
});

const decliner = `#!/usr/bin/env python3
import sys
from channel import Channel
def offer(params, call):
    with open(sys.argv[1], 'a') as asked:
        asked.write(sys.argv[2] + '\\n')
    return {'outcome': {'status': 'declined', 'reason': 'no'}}
Channel('build-agent', 1, sys.argv[2], {'offer': offer}).serve()
`;

t.test('build agents of the user are asked in order, before this machine', { skip }, async (t) => {
  const cooper = setting(t);
  const agent = cooper.file('agents/decliner.py', decliner);
  chmodSync(agent, 0o755);
  const asked = cooper.file('asked', '');
  chmodSync(asked, 0o666);
  const agents = ['one', 'two'].map((name) => `--build-agent=${agent} ${asked} ${name}`);
  // Others are not kept waiting for an agent that takes more than some seconds to come up.
  for (let count = 0; count < 5 && readFileSync(asked, 'utf8') !== 'one\ntwo\n'; count++) {
    writeFileSync(asked, '');
    const recipe = cooper.recipe(`export default shell('it-${count}', 'echo built > $out');`);
    const { status, stdout, stderr } = await cooper.run('build', '--file', recipe, ...agents);
    t.equal(status, 0, stderr);
    t.equal(readFileSync(stdout.trim(), 'utf8'), 'built\n');
  }
  t.equal(readFileSync(asked, 'utf8'), 'one\ntwo\n');
});

t.test('a command that is no command is refused', async (t) => {
  const { status, stderr } = await setting(t).run('build', '--file', 'none', '--substitute-agent=./fetch');
  t.not(status, 0);
  t.match(stderr, /takes a command that begins with an absolute path/);
});
