/** Other machines that do builds, as tables for people. */
import type { MachineView, TrialStep } from '@cooper/contracts';
import { formatSize } from './byte-size.ts';
import { formatDuration } from './duration.ts';
import { printable } from './printable.ts';
import { tableLines } from './table-lines.ts';

/** The lines of `cooper machines`. `now` is in milliseconds since 1970. */
export function machineLines(machines: readonly MachineView[], now: number): string[] {
  return tableLines(
    'MACHINE STATE BUILDS LOAD FREE SPEED SYSTEMS FEATURES NOTE',
    machines.map((machine) => machineRow(machine, now)),
  );
}

function machineRow(machine: MachineView, now: number): string[] {
  const { name, state, running, jobs, load, speed, systems, features, restsUntil, reason } = machine;
  const rest = restsUntil === undefined ? [] : [`for ${formatDuration(restsUntil - now)} more`];
  return [
    ...[printable(name), state, `${running}/${jobs}`],
    ...(load === null
      ? ['-', '-']
      : [`${(load.load / 100).toFixed(2)}/${load.processors}`, formatSize(load.free).replace(' ', '')]),
    ...[`${speed / 1000}`, words(systems), words(features)],
    printable([...rest, ...(reason === undefined ? [] : [reason])].join(': ')),
  ];
}

/** The lines of `cooper machines check`: one for each machine, with what its last step has found. */
export function trialLines(steps: readonly TrialStep[]): string[] {
  const last = new Map(steps.map((step) => [step.machine, step]));
  const rows = Array.from(last.values(), ({ machine }) => {
    const of = steps.filter((step) => step.machine === machine);
    return [printable(machine), ...stepNames.map((name) => cell(of.find(({ step }) => step === name)))];
  });
  const findings = steps.map(({ machine, finding, succeeded }) =>
    printable(`${machine}: ${succeeded ? '' : 'FAILED: '}${finding}`),
  );
  return [...tableLines('MACHINE REACHED LOAD AUTHORISED-THERE AUTHORISED-HERE BUILD', rows), '', ...findings];
}

const stepNames: readonly TrialStep['step'][] = ['reach', 'load', 'authorised-there', 'authorised-here', 'build'];

function cell(step: TrialStep | undefined): string {
  if (step === undefined) return '-';
  return step.succeeded ? formatDuration(step.duration) : 'failed';
}

function words(list: readonly string[]): string {
  return list.length === 0 ? '-' : printable(list.join(','));
}
