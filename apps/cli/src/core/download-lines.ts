/** The downloads of a request as lines of a terminal: those that are under way, and how far they are. */
import { formatSize } from './byte-size.ts';
import type { Download } from './download-view.ts';
import { fit, textWidth } from './text-width.ts';
import type { Frame } from './tree-lines.ts';

const symbols = { unicode: '\u2193', ascii: 'v' } as const;

/** A line for each, the one that has taken longest first. */
export function downloadLines(downloads: Iterable<Download>, frame: Frame): string[] {
  const running = [...downloads].filter(({ state }) => state === 'running').sort((a, b) => a.since - b.since);
  return running.map((download) => line(download, frame));
}

function line({ name, size, transferred, url }: Download, { width, colour, unicode }: Frame): string {
  const paint = (text: string, number: number) => (colour && text !== '' ? `\x1b[${number}m${text}\x1b[0m` : text);
  const cut = unicode ? '\u2026' : '~';
  const shown = fit(name, width - 2, cut);
  const far =
    size > 0
      ? `${formatSize(transferred)} of ${formatSize(size)}  ${percent(transferred, size)}`
      : formatSize(transferred);
  const detail = fit(`${far}  ${url}`, width - textWidth(shown) - 4, cut);
  return `${paint(unicode ? symbols.unicode : symbols.ascii, 34)} ${shown}${detail === '' ? '' : '  '}${paint(detail, 2)}`;
}

/** What was sent twice counts twice: it may be more than there is. */
function percent(part: number, whole: number): string {
  return `${Math.min(100, Math.floor((part / whole) * 100))}%`;
}
