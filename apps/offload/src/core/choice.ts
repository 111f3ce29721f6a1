/**
 * Which machine does a job: a pure function of what the job wants and what is known of the machines at this moment.
 * Whoever wants to leave the choice to a batch system replaces this file and `reach`, and nothing else.
 */
import type { Job } from '@cooper/contracts';
import type { LocalMachine, Machine } from '@cooper/machines';
import { type Health, restOf } from './health.ts';

/** What a machine said last of how busy it is. */
export interface Load {
  readonly processors: number;
  /** Processes that run or wait to, on average over the last minute. */
  readonly load: number;
  /** The share of time, 0 to 1, that something waited for a processor, for memory. */
  readonly pressure: { readonly cpu: number; readonly memory: number };
  /** Bytes, on the file system of its store. */
  readonly free: number;
}

/** A machine, and what is known of it for this job. */
export interface Candidate {
  readonly machine: Machine;
  /** Builds that we have given it. */
  readonly running: number;
  /** Null before it has been reached. */
  readonly load: Load | null;
  readonly health: Health;
  /** Bytes of the inputs that it is not known to have, and how many there are of them. */
  readonly missing: { readonly paths: number; readonly bytes: number };
  /** Bytes a second to it; null before anything was sent. */
  readonly bandwidth: number | null;
}

export interface Local extends LocalMachine {
  readonly load: Load;
  /** Jobs that were left to it lately, and show in no load yet. */
  readonly recent: number;
}

export type JobWish = Pick<Job, 'system' | 'features'>;

export type Choice =
  | { readonly choose: 'machine'; readonly machine: Machine; readonly why: string }
  /** Leave it to the local machine. */
  | { readonly choose: 'local'; readonly why: string }
  /** Some will do it, but not now: ask again in so many ms, if that is known. */
  | { readonly choose: 'later'; readonly why: string; readonly retryAfter?: number }
  /** None of them ever does such jobs. */
  | { readonly choose: 'none'; readonly why: string };

export interface Situation {
  readonly candidates: readonly Candidate[];
  /** Null: the local machine is not among them. */
  readonly local: Local | null;
  /** Whether the local machine could do the job at all. */
  readonly canBeLocal: boolean;
  readonly now: number;
}

/** How long a build takes on a machine of speed 1 that does nothing else, in seconds, for want of better knowledge. */
const typicalBuild = 60;
/** Bytes a second, before any were sent. */
const typicalBandwidth = 20e6;
/** What has to stay free on a disk behind the inputs: bytes. */
const spareDisk = 256 * 2 ** 20;
/** The share of time that something waits for memory above which nothing more is put there. */
const memoryLimit = 0.4;

export function choose(wish: JobWish, { candidates, local, canBeLocal, now }: Situation): Choice {
  const able = candidates.filter(({ machine }) => whyUnable(machine, wish) === undefined);
  if (able.length === 0) return { choose: 'none', why: whyNone(candidates, wish) };
  const obstacles = able.map((candidate) => ({ candidate, why: whyBusy(candidate, now) }));
  const free = obstacles.filter(({ why }) => why === undefined).map(({ candidate }) => candidate);
  const against = obstacles.flatMap(({ candidate, why }) => (why === undefined ? [] : [ofMachine(candidate, why)]));
  const best = free.toSorted((a, b) => costOf(a) - costOf(b) || (a.machine.name < b.machine.name ? -1 : 1))[0];
  const isLocalFree = canBeLocal && local !== null && localLoad(local) <= local.overloadThreshold;
  if (isLocalFree && (best === undefined || localCost(local) < costOf(best))) {
    return { choose: 'local', why: [whyLocal(local, best), ...against].join('; ') };
  }
  if (best !== undefined)
    return { choose: 'machine', machine: best.machine, why: [whyChosen(best), ...against].join('; ') };
  // One dead machine must not hold up what can be done here.
  const allRest = able.every(({ health }) => restOf(health, now) > 0);
  if (allRest && canBeLocal) return { choose: 'local', why: against.join('; ') };
  return { choose: 'later', why: against.join('; '), ...retry(able, now) };
}

/** Why the machine never does such a job; nothing if it does. */
export function whyUnable({ systems, features, mandatoryFeatures, jobs }: Machine, wish: JobWish): string | undefined {
  if (jobs === 0) return 'does no jobs';
  if (wish.system !== 'builtin' && !systems.includes(wish.system)) return `does not build for ${wish.system}`;
  const lacking = wish.features.find((word) => !features.includes(word) && !mandatoryFeatures.includes(word));
  if (lacking !== undefined) return `lacks the feature \`${lacking}'`;
  const unwanted = mandatoryFeatures.find((word) => !wish.features.includes(word));
  return unwanted === undefined ? undefined : `is only for jobs that require \`${unwanted}'`;
}

/** Why it does not do it now. */
function whyBusy({ machine, running, load, health, missing }: Candidate, now: number): string | undefined {
  const rest = restOf(health, now);
  if (rest > 0) return `rests for ${Math.ceil(rest / 1000)} s (${health.reason})`;
  if (running >= machine.jobs) return `${running} of ${machine.jobs} slots are taken`;
  if (load === null) return undefined;
  const perProcessor = load.load / Math.max(1, load.processors);
  if (perProcessor > machine.overloadThreshold) return `is overloaded (${perProcessor.toFixed(2)} for each processor)`;
  if (load.pressure.memory > memoryLimit) return `is short of memory (${percent(load.pressure.memory)} of the time)`;
  if (load.free < missing.bytes + spareDisk) return `has only ${size(load.free)} free on its disk`;
  return undefined;
}

/** An estimate, in seconds, of when the job would be done there. */
export function costOf({ machine, running, load, missing, bandwidth }: Candidate): number {
  const perProcessor = load === null ? 0 : load.load / Math.max(1, load.processors);
  const busy = Math.max(running / machine.jobs, perProcessor, load?.pressure.cpu ?? 0);
  return (typicalBuild / machine.speed) * (1 + busy) + missing.bytes / (bandwidth ?? typicalBandwidth);
}

function localLoad({ load, recent }: Local): number {
  return (Math.max(load.load, load.pressure.cpu * load.processors) + recent) / Math.max(1, load.processors);
}

function localCost(local: Local): number {
  return (typicalBuild / local.speed) * (1 + localLoad(local));
}

/** One that rests is worth asking when it has rested; slots come free when something ends, which is told anyway. */
function retry(able: readonly Candidate[], now: number): { readonly retryAfter?: number } {
  const rests = able.map(({ health }) => restOf(health, now)).filter((rest) => rest > 0);
  return rests.length < able.length ? {} : { retryAfter: Math.min(...rests) };
}

function whyChosen({ machine, running, load, missing }: Candidate): string {
  const facts = [
    `${running} of ${machine.jobs} slots are taken`,
    ...(load === null ? [] : [`load ${load.load.toFixed(2)} on ${load.processors} processors`]),
    `speed ${machine.speed}`,
    missing.paths === 0 ? 'it has all inputs' : `${missing.paths} inputs to send (${size(missing.bytes)})`,
  ];
  return `\`${machine.name}': ${facts.join(', ')}`;
}

function whyLocal(local: Local, best: Candidate | undefined): string {
  const facts = `load ${localLoad(local).toFixed(2)} for each processor, speed ${local.speed}`;
  const than = best === undefined ? 'no other is free' : `sooner than \`${best.machine.name}'`;
  return `this machine: ${facts}, ${than}`;
}

function whyNone(candidates: readonly Candidate[], wish: JobWish): string {
  const reasons = candidates.map((candidate) => ofMachine(candidate, whyUnable(candidate.machine, wish) ?? ''));
  return reasons.length === 0 ? 'there are no other machines' : reasons.join('; ');
}

function ofMachine({ machine }: Candidate, why: string): string {
  return `\`${machine.name}' ${why}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function size(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
