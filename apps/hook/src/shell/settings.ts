/** The hook's settings. */
import { type Settings, thisSystem } from '@cooper/config';
import { Fault } from '@cooper/fault';
import type { HookSettings } from './service.ts';

/** Throws the fault `invalid-option` without a program to run. */
export function hookSettings(settings: Settings): HookSettings {
  const program = settings['build-hook'];
  if (program === undefined) throw new Fault('invalid-option', 'the hook needs a program: --build-hook=PROGRAM', {});
  return { program, system: settings.system ?? thisSystem(), logDir: settings.directories.log };
}
