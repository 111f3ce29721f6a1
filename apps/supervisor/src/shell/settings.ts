/** The supervisor's settings: those of all its processes, and how long it lives. */
import { parseGiven, readSettings, type Settings } from '@cooper/config';
import { Fault } from '@cooper/fault';

export interface SupervisorSettings extends Settings {
  /** How long, in ms, to go on when the last client has gone; nil: for ever. */
  readonly linger: number | null;
}

/** Reads the command line. `--linger=MILLISECONDS` is the supervisor's own. */
export function readSupervisorSettings(args: readonly string[]): SupervisorSettings {
  const linger = args.find((word) => word.startsWith('--linger='));
  const given = parseGiven(args.filter((word) => word !== linger));
  const settings = readSettings({ given, environment: process.env, uid: process.getuid?.() ?? 0 });
  return { ...settings, linger: linger === undefined ? null : milliseconds(linger.slice('--linger='.length)) };
}

function milliseconds(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Fault('invalid-option', `--linger does not take \`${text}'`, { text });
  return Number(text);
}
