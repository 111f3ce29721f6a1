/** Displays: what shows the events of a build while it goes on. */
import type { SchedulerEvent } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import { BuildView } from '../core/build-view.ts';
import { JsonEvents } from '../core/json-line.ts';
import { messages } from '../core/messages.ts';
import { noteLines } from '../core/plain-lines.ts';
import { print, sayLines } from './output.ts';
import { TreeDisplay } from './tree-display.ts';

export interface Display {
  /** Shows `event`. What it resolves to lets a slow reader slow the events down. */
  show(event: SchedulerEvent): void | Promise<void>;
  /** Tells what a derivation needs, for displays that want to know. */
  setInputs?(path: StorePath, inputs: readonly StorePath[]): void;
  /** Says something besides the events. */
  say(line: string): void;
  /** The last event was shown. */
  end(): void;
}

export interface DisplayOptions {
  readonly json: boolean;
  /** Show the logs of builds where only their last lines are shown otherwise. */
  readonly verbose: boolean;
}

/** The display for this terminal, file or pipe. */
export function makeDisplay({ json, verbose }: DisplayOptions): Display {
  if (json) return jsonDisplay();
  const { stderr } = process;
  return stderr.isTTY && process.env['TERM'] !== 'dumb' ? new TreeDisplay(stderr, { verbose }) : plainDisplay();
}

/** Every event as a line of JSON on standard output. */
function jsonDisplay(): Display {
  const events = new JsonEvents();
  return {
    show: (event) => print(events.lines(event)),
    say: (line) => void sayLines([messages.info(line)]),
    end: () => undefined,
  };
}

/** Lines on standard error, logs included. */
function plainDisplay(): Display {
  const view = new BuildView();
  return {
    show: (event) => sayLines(view.apply(event).flatMap(noteLines)),
    say: (line) => void sayLines([messages.info(line)]),
    end: () => undefined,
  };
}
