/** A transcript as lines to compare: what differs from run to run is taken out. */
import { normalLines } from '@cooper/replay/normal-form';
import type { Arguments } from '@cooper/worker-protocol';
import type { Exchange, Transcript } from './exchange.ts';

/**
 * The whole session, line by line. `chance`: paths that an earlier collection with a limit deleted, here or in the
 * recording, since they happened to come first.
 */
export function transcriptLines({ exchanges, rest }: Transcript, chance: ReadonlySet<string>): string[] {
  const lines = exchanges.flatMap((exchange) => exchangeLines(exchange, chance));
  return rest.length === 0 ? lines : [...lines, `rest: ${rest.toString('hex')}`];
}

/** What collections with a limit have deleted in a session. */
export function chosenByChance({ exchanges }: Transcript): string[] {
  return exchanges.filter(isLimited).flatMap(({ reply }) => [...((reply as { paths?: string[] })?.paths ?? [])]);
}

function exchangeLines(exchange: Exchange, chance: ReadonlySet<string>): string[] {
  const { operation, wish, text, data, error } = exchange;
  const lines = normalLines(isLimited(exchange) ? text.replace(/^\[.*\] deleting .*\n/gm, '') : text);
  return [
    `${operation} ${asText(wish)}`,
    ...inOneOrder(lines.map((line) => `  ${withoutPlaces(line)}`)),
    ...(data === '' ? [] : [`  wrote ${data}`]),
    error === undefined ? `  -> ${asText(comparable(exchange, chance))}` : `  error ${error.status}: ${error.text}`,
  ];
}

/** Collections delete in an order that the reference shuffles: theirs is that of the lines. */
function inOneOrder(lines: readonly string[]): string[] {
  const deletions = lines.filter(isDeletion).sort();
  return lines.map((line) => (isDeletion(line) ? (deletions.shift() as string) : line));
}

function isDeletion(line: string): boolean {
  return line.includes('] deleting ');
}

/** How much was freed when a path went depends on which went before it. */
function withoutPlaces(line: string): string {
  return line.replace(/^\[[^\]]*\] deleting /, '[…] deleting ');
}

function isLimited({ operation, wish }: Exchange): boolean {
  return operation === 'collect-garbage' && (wish as Arguments<'collect-garbage'>).maxFreed < 2n ** 53n;
}

/** A reply without what the time, the disk, chance and leftovers of failed builds make of it (docs/differences.md). */
function comparable(exchange: Exchange, chance: ReadonlySet<string>): unknown {
  const { operation, reply } = exchange;
  if (isLimited(exchange)) return 'some of it';
  if (operation === 'query-path-info') return { ...(reply as object), registrationTime: 'TIME' };
  if (operation === 'query-all-valid-paths') return (reply as string[]).filter((path) => !chance.has(path));
  if (operation !== 'collect-garbage') return reply;
  const { paths, bytesFreed } = reply as { paths: string[]; bytesFreed: bigint };
  const items = paths.filter((path) => !path.endsWith('.lock') && !chance.has(path));
  return { paths: items, bytesFreed: bytesFreed === 0n ? 'none' : 'some' };
}

function asText(value: unknown): string {
  return JSON.stringify(value, plain) ?? '';
}

/** What JSON has no form for: large numbers as digits, bytes as characters. */
function plain(_key: string, part: unknown): unknown {
  if (typeof part === 'bigint') return part.toString();
  const isBuffer = typeof part === 'object' && part !== null && (part as { type?: unknown }).type === 'Buffer';
  return isBuffer ? Buffer.from((part as { data: number[] }).data).toString('latin1') : part;
}
