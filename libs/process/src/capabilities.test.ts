import { processTable } from '@cooper/config';
import t from 'tap';
import { heldAmong } from './capabilities.ts';

t.test('only what is in the permitted set can be kept', async (t) => {
  const docker = 'Name:\tx\nCapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\nCapEff:\t0000000000000000\n';
  t.strictSame(heldAmong(['chown', 'dac_override', 'fowner'], docker), ['chown', 'dac_override', 'fowner']);
  t.strictSame(heldAmong(['setuid', 'setgid', 'dac_read_search'], docker), ['setuid', 'setgid']);
  t.strictSame(heldAmong(['chown'], 'CapPrm:\t0000000000000000\n'), []);
  t.strictSame(heldAmong(['chown'], ''), []);
});

t.test('the table names none that we do not know', async (t) => {
  t.throws(() => heldAmong(['chwon'], ''), { message: /no number for the capability chwon/ });
  for (const { rights } of processTable) if (typeof rights === 'object') heldAmong(rights.capabilities, '');
});
