import t from 'tap';
import { deniesSandbox } from './sandbox-steps.ts';

t.test('S32: a kernel that allows no namespaces denies the sandbox', async (t) => {
  t.ok(deniesSandbox({ step: 'create-process', errno: 1, error: 'EPERM' }));
  t.ok(deniesSandbox({ step: 'create-process', errno: 28, error: 'ENOSPC' }), 'max_user_namespaces is 0');
  t.ok(deniesSandbox({ step: 'map-identity', errno: 1, error: 'EPERM' }));
  t.ok(deniesSandbox({ step: 'mount-proc', errno: 1, error: 'EPERM' }));
});

t.test('what is wrong with one job, or for the moment, does not', async (t) => {
  t.notOk(deniesSandbox({ step: 'mount-input', errno: 2, error: 'ENOENT' }));
  t.notOk(deniesSandbox({ step: 'execute', errno: 13, error: 'EACCES' }));
  t.notOk(deniesSandbox({ step: 'create-process', errno: 11, error: 'EAGAIN' }));
});
