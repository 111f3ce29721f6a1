/** Notes as lines, for whoever reads one line after the other: files, pipes, and what scrolls away above the tree. */
import type { Note } from './build-view.ts';
import { messages } from './messages.ts';
import { printable } from './printable.ts';

/** The lines that say `note`, without line feeds. */
export function noteLines(note: Note): string[] {
  switch (note.note) {
    case 'started':
      return [messages.started(note.build.path)];
    case 'waiting':
      return note.build.reason === undefined ? [] : [messages.waiting(note.build.path, note.build.reason)];
    case 'fetching':
      return [messages.fetching(note.download.path, note.download.url)];
    case 'fetched':
      return [messages.fetched(note.download.path, note.download.duration)];
    case 'log':
      return [messages.logLine(note.build.name, note.line)];
    case 'succeeded':
      return [messages.succeeded(note.build.path, note.build.duration)];
    case 'failed':
      return failureLines(note);
    case 'message':
      return messageLines(note);
  }
}

function failureLines({ build, event }: Extract<Note, { note: 'failed' }>): string[] {
  const lines = [messages.error(messages.failed(event)), ...differingFiles(event)];
  if (build.tail.length > 0) {
    lines.push(messages.logTail(build.tail.length), ...build.tail.map(messages.logTailLine));
    if (event.logFile !== undefined && event.logFile.length > 0) lines.push(messages.wholeLog(build.path));
  }
  return lines;
}

/** What of outputs that were made twice is not the same; of one that is a file, the message says all. */
function differingFiles({ differences = [] }: Extract<Note, { note: 'failed' }>['event']): string[] {
  return differences.flatMap(({ output, files }) =>
    files
      .map((file) => printable(Buffer.from(file).toString()))
      .filter((file) => file !== '')
      .map((file) => messages.differs(`${output.path}/${file}`)),
  );
}

function messageLines({ level, text }: Extract<Note, { note: 'message' }>): string[] {
  if (level === 'error' || level === 'warning') return [messages[level](text)];
  return [messages.info(text)];
}
