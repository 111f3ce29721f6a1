/** `cooper machines`: what is known of the other machines that do builds, and trying them. */
import type { machinesContract, TrialStep } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import { exitStatus } from '../../core/exit-status.ts';
import { jsonLine } from '../../core/json-line.ts';
import { machineLines, trialLines } from '../../core/machine-lines.ts';
import { messages } from '../../core/messages.ts';
import { print, printLines } from '../output.ts';
import { withTable } from '../session.ts';
import type { Invocation } from '../setting-options.ts';

interface Options {
  readonly json?: boolean;
}

/** Prints how they fare. */
export function list({ json = false }: Options, invocation: Invocation): Promise<number> {
  return withMachines(invocation, async (client) => {
    const { machines } = await client.call('list', {});
    await (json ? print(jsonLine(machines)) : printLines(machineLines(machines, Date.now())));
    return exitStatus.success;
  });
}

/** Gives the exit status: success when every step of every machine has succeeded. */
export function check(names: readonly string[], { json = false }: Options, invocation: Invocation): Promise<number> {
  return withMachines(invocation, async (client) => {
    const steps: TrialStep[] = [];
    const onItem = (step: TrialStep) => {
      steps.push(step);
      return json ? print(jsonLine(step)) : undefined;
    };
    await client.call('check', names.length === 0 ? {} : { names }, { onItem });
    if (!json) await printLines(trialLines(steps));
    return steps.every(({ succeeded }) => succeeded) ? exitStatus.success : exitStatus.failure;
  });
}

function withMachines(
  invocation: Invocation,
  work: (client: Client<typeof machinesContract>) => Promise<number>,
): Promise<number> {
  if (invocation.settings['machines-file'] === undefined) {
    throw new Fault('invalid-option', messages.noMachinesFile, { option: 'machines-file' });
  }
  return withTable(invocation, async (table) => work(await table.machines()));
}
