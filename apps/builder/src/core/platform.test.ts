import t from 'tap';
import { mayImpersonateLinux26, runsNatively, sameKernel, systemOf, wants32Bits } from './platform.ts';

const machine = (system: string, processor = system) => ({ system, processor });

t.test('a machine builds for itself and for its smaller sister', async (t) => {
  t.ok(runsNatively('x86_64-linux', machine('x86_64-linux')));
  t.ok(runsNatively('i686-linux', machine('x86_64-linux')));
  t.ok(runsNatively('armhf-linux', machine('aarch64-linux')));
  t.notOk(runsNatively('x86_64-linux', machine('i686-linux')));
  t.notOk(runsNatively('armhf-linux', machine('x86_64-linux')));
  t.notOk(runsNatively('i686-linux', machine('aarch64-linux')));
});

t.test('builders for the smaller sister see 32 bits, on a machine that was set to be one too', async (t) => {
  t.ok(wants32Bits('i686-linux', machine('x86_64-linux')));
  t.ok(wants32Bits('armhf-linux', machine('aarch64-linux')));
  t.ok(wants32Bits('i686-linux', machine('i686-linux', 'x86_64-linux')));
  t.notOk(wants32Bits('x86_64-linux', machine('x86_64-linux')));
  t.notOk(wants32Bits('armhf-linux', machine('x86_64-linux')));
});

t.test('only programs for the same kernel are tried', async (t) => {
  t.ok(sameKernel('riscv64-linux', machine('x86_64-linux')));
  t.notOk(sameKernel('i586-gnu', machine('x86_64-linux')));
  t.notOk(sameKernel('x86_64-freebsd', machine('x86_64-linux')));
  t.notOk(sameKernel('builtin', machine('x86_64-linux')));
});

t.test('an old kernel is shown on the two systems of the reference', async (t) => {
  t.ok(mayImpersonateLinux26('x86_64-linux'));
  t.ok(mayImpersonateLinux26('i686-linux'));
  t.notOk(mayImpersonateLinux26('aarch64-linux'));
});

t.test('processors have the names that Guix gives them', async (t) => {
  t.equal(systemOf('x64'), 'x86_64-linux');
  t.equal(systemOf('arm64'), 'aarch64-linux');
  t.equal(systemOf('riscv64'), 'riscv64-linux');
});
