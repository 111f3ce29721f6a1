import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { scratchPath } from './scratch-path.ts';

t.test('the path at which the reference made an output of a recorded check', async (t) => {
  const derivation = '/gnu/store/dk220s6h3xyms0v41c2nk45prmczkri9-nondet.drv' as StorePath;
  const output = '/gnu/store/pq6pf6d1v72gdvb0xhh5bis0g5lxk6p7-nondet' as StorePath;
  t.equal(scratchPath(derivation, output), '/gnu/store/13dpgwq5kxxiwpzc29dq1dgdjwbc0pck-nondet');
});
