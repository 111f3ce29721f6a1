import { parseMachines } from '@cooper/machines';
import t from 'tap';
import { describeNoise, isFrameStart } from './first-bytes.ts';
import { knownHostsLine, sshArguments } from './ssh-command.ts';
import { sshComplaint } from './ssh-complaint.ts';

const hostKey = `ssh-ed25519 ${'A'.repeat(68)} root@far`;
const text = JSON.stringify({ machines: [{ name: 'far', host: 'far.example.org', port: 2222, hostKey }] });
const [machine] = parseMachines(text, { file: 'machines', system: 'x86_64-linux' }).machines as [never];

t.test('S86: host and command stand behind `--`; nothing is forwarded, asked, or read from anywhere', async (t) => {
  const words = sshArguments(machine);
  t.same(words.slice(-4), ['--', 'far.example.org', 'cooper', 'remote']);
  const options = words.flatMap((word, index) => (words[index - 1] === '-o' ? [word] : []));
  for (const option of [
    'StrictHostKeyChecking=yes',
    'GlobalKnownHostsFile=none',
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'ProxyCommand=none',
    'ClearAllForwardings=yes',
    'ForwardAgent=no',
    'PermitLocalCommand=no',
    'UpdateHostKeys=no',
  ]) {
    t.ok(options.includes(option), option);
  }
  t.same(words.slice(0, 3), ['-F', 'none', '-T']);
  t.same(words[words.indexOf('-i') + 1], 'far.key', 'files are named relative to a directory of ours');
  t.equal(knownHostsLine(machine), `cooper-machine ${hostKey.slice(0, -' root@far'.length)}\n`);
});

t.test('S84: what a login shell prints is told from a frame, and quoted', async (t) => {
  t.ok(isFrameStart(Uint8Array.of(0, 0, 0, 40)));
  for (const noise of ['Welcome to Debian\n', '\n', '\x1b[2J', 'bash: warning']) {
    t.notOk(isFrameStart(Buffer.from(noise)), noise);
  }
  t.match(describeNoise(Buffer.from('Last login:\n  yesterday\n')), /it printed `Last login: yesterday' where/);
  t.match(describeNoise(Buffer.alloc(5000, 'x')), /x…' where/);
});

t.test('what ssh says is told in one line, with what to do about it', async (t) => {
  t.equal(sshComplaint('', 'exit code 255'), 'ssh ended with exit code 255');
  t.match(
    sshComplaint('@@@@\n@ WARNING @\nHost key verification failed.\n', 'exit code 255'),
    /^Host key .*: its host key is not the one/,
  );
  t.match(
    sshComplaint('root@far: Permission denied (publickey).\r\n', ''),
    /publickey\)\.: it does not accept the key/,
  );
  t.match(sshComplaint('sh: 1: cooper: not found\n', ''), /name it as `program`/);
  t.match(sshComplaint('No user exists for uid 872415231\n', ''), /make one called `cooper`/);
});
