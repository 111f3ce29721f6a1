/** The machines contract: what is known of the other machines that do builds, and trying them. For operators. */
import { contract, method, streamingMethod } from './contract.ts';
import { boolean, integer, list, literal, nullable, optional, record, type Static, text } from './schema.ts';
import { nothing, time } from './vocabulary.ts';

/** What a machine said last of how busy it is. */
export const machineLoad = record({
  processors: integer(),
  load: integer({ about: 'hundredths: processes that run or wait to, on average over the last minute' }),
  free: integer({ about: 'bytes, on the file system of its store' }),
});

export const machineView = record({
  name: text(),
  host: text(),
  /** `unused`: nothing was to be done there yet. `resting`: it has failed, and is left alone for a while. */
  state: literal('unused', 'connecting', 'connected', 'resting'),
  running: integer({ about: 'builds that it was given' }),
  jobs: integer({ about: 'how many it is given at most' }),
  systems: list(text()),
  features: list(text()),
  speed: integer({ about: 'thousandths' }),
  load: nullable(machineLoad),
  /** While it rests: until when, and what for. */
  restsUntil: optional(time),
  reason: optional(text()),
});

/** The steps of a trial, in their order; one that fails ends it. */
export const trialStep = record({
  machine: text(),
  step: literal('reach', 'load', 'authorised-there', 'authorised-here', 'build'),
  succeeded: boolean(),
  /** What was found, or what went wrong and what to do about it. */
  finding: text(),
  duration: integer({ about: 'ms' }),
});

export const machinesContract = contract({
  name: 'machines',
  version: 1,
  about: 'Knows the other machines that do builds.',
  methods: {
    list: method({
      about: 'Tell what is known of each machine. In the order of their names.',
      params: nothing,
      result: record({ machines: list(machineView) }),
    }),
    check: streamingMethod({
      about: 'Try these machines, or all of them: reach them, ask how they are, have a build done that takes no time.',
      params: record({ names: optional(list(text())) }),
      item: trialStep,
      result: nothing,
      errors: ['unknown-machine'],
    }),
  },
});

export type MachineView = Static<typeof machineView>;
export type TrialStep = Static<typeof trialStep>;
