/** What goes on, as a table for people: who builds what for whom, since when, waiting for what. */
import type { GoalView, RequestView, Snapshot } from '@cooper/contracts';
import { storePathName } from '@cooper/store-path';
import { formatDuration } from './duration.ts';
import { waitText } from './messages.ts';
import { printable } from './printable.ts';
import { tableLines } from './table-lines.ts';

/** The lines of `cooper ps`. `now` is in milliseconds since 1970. */
export function processLines(snapshot: Snapshot, now: number): string[] {
  const { requests, goals, slots } = snapshot;
  const running = goals.filter(isRunning);
  const waiting = goals.filter((goal) => !isRunning(goal));
  return [
    `${slots.builds} of ${slots.maxBuilds} build slots in use`,
    ...section(
      'REQUEST CLIENT USER SINCE DONE TARGETS',
      requests.map((request) => requestRow(request, now)),
    ),
    ...section(
      'BUILDING SINCE PROCESS BY FOR',
      running.map((goal) => runningRow(goal, now)),
    ),
    ...section(
      'WAITING SINCE WHY FOR',
      waiting.map((goal) => waitingRow(goal, now)),
    ),
  ];
}

function isRunning({ process }: GoalView): boolean {
  return process !== undefined;
}

function requestRow(request: RequestView, now: number): string[] {
  const { client, uid, targets, since, goals, done } = request;
  const shown = targets.slice(0, 3).map(targetName);
  const more = targets.length > 3 ? `and ${targets.length - 3} more` : '';
  return [
    ...[String(request.request), printable(client), uid === null ? '-' : String(uid), formatDuration(now - since)],
    ...[`${done}/${goals}`, [...shown, more].join(' ').trim()],
  ];
}

function runningRow(goal: GoalView, now: number): string[] {
  const { path, since, process, agent, requests } = goal;
  return [storePathName(path), formatDuration(now - since), String(process), printable(agent ?? '-'), list(requests)];
}

function waitingRow({ path, since, waits, state, requests }: GoalView, now: number): string[] {
  return [
    ...[storePathName(path), formatDuration(now - since)],
    ...[printable(waits === null ? state : waitText(waits)), list(requests)],
  ];
}

function targetName(target: string): string {
  return printable(target.slice(target.lastIndexOf('/') + 1).replace(/^.{32}-/, ''));
}

function list(requests: readonly number[]): string {
  return requests.join(' ');
}

/** A heading and rows in columns; nothing when there are no rows. */
function section(heading: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ['', ...tableLines(heading, rows)];
}
