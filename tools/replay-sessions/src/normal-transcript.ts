/** A transcript as lines to compare: what differs from run to run is taken out. */
import { normalLines } from '@cooper/replay/normal-form';
import type { Exchange, Transcript } from './exchange.ts';

/** The whole session, line by line. */
export function transcriptLines({ exchanges, rest }: Transcript): string[] {
  const lines = exchanges.flatMap(exchangeLines);
  return rest.length === 0 ? lines : [...lines, `rest: ${rest.toString('hex')}`];
}

function exchangeLines({ operation, wish, text, data, error, reply }: Exchange): string[] {
  return [
    `${operation} ${asText(wish)}`,
    ...inOneOrder(
      normalLines(isLimited(operation, wish) ? text.replace(/^\[.*\] deleting .*\n/gm, '') : text).map(
        (line) => `  ${withoutPlaces(line)}`,
      ),
    ),
    ...(data === '' ? [] : [`  wrote ${data}`]),
    error === undefined
      ? `  -> ${asText(isLimited(operation, wish) ? '(some of it)' : timeless(reply))}`
      : `  error ${error.status}: ${error.text}`,
  ];
}

/** Collections delete in an order that the reference shuffles: theirs is that of the lines. */
function inOneOrder(lines: readonly string[]): string[] {
  const deletions = lines.filter(isDeletion).sort();
  return lines.map((line) => (isDeletion(line) ? (deletions.shift() as string) : line));
}

/** Which dead paths go first is chance, and so is what a collection with a limit leaves. */
function isLimited(operation: Exchange['operation'], wish: unknown): boolean {
  return operation === 'collect-garbage' && (wish as { maxFreed: bigint }).maxFreed < 2n ** 53n;
}

function isDeletion(line: string): boolean {
  return line.includes('] deleting ');
}

/** How much was freed when a path went depends on which went before it. */
function withoutPlaces(line: string): string {
  return line.replace(/^\[[^\]]*\] deleting /, '[…] deleting ');
}

function timeless(reply: unknown): unknown {
  if (typeof reply !== 'object' || reply === null || !('registrationTime' in reply)) return reply;
  return { ...reply, registrationTime: 'TIME' };
}

function asText(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) => {
      if (typeof part === 'bigint') return part.toString();
      const isBuffer = typeof part === 'object' && part !== null && (part as { type?: unknown }).type === 'Buffer';
      return isBuffer ? Buffer.from((part as { data: number[] }).data).toString('latin1') : part;
    }) ?? ''
  );
}
