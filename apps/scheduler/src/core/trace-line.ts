/**
 * Effects as lines that people read: of traces in test/traces/, and of the file that `cooper-scheduler --trace` writes.
 * Store paths appear by their names; goals by the name of what they make.
 */
import type { SchedulerEvent } from '@cooper/contracts';
import { type StorePath, storePathName } from '@cooper/store-path';
import type { Effect, PlannedSubstitute } from './effect.ts';
import type { GoalId } from './goal.ts';

type EffectOf<T extends Effect['type']> = Extract<Effect, { type: T }>;

/** One line for `effect`; `goalName` says what a goal makes. */
export function effectLine(effect: Effect, goalName: (id: GoalId) => string): string {
  switch (effect.type) {
    case 'read-derivations':
    case 'check-paths':
      return `${effect.type} ${names(effect.paths)}`;
    case 'add-leases':
      return `add-leases ${names(effect.paths)} for ${effect.request}`;
    case 'prepare-build':
      return `prepare-build ${goalName(effect.goal)}${manner(effect)}`;
    case 'check-contents':
      return `check-contents ${names(effect.paths)}`;
    case 'inspect-closure':
      return `inspect-closure ${names(effect.outputs)}`;
    case 'find-deriver':
      return `find-deriver ${names([effect.path])}`;
    case 'query-failures':
      return `query-failures ${names(effect.paths)}`;
    case 'add-failures':
      return `add-failures ${names(effect.paths)}: ${shorten(effect.cause)}`;
    case 'read-graphs':
      return `read-graphs ${goalName(effect.goal)} ${names(effect.graphs.map(({ path }) => path))}`;
    case 'query-substitutes':
      return `query-substitutes ${names(effect.paths)}${effect.urls === null ? '' : ` in ${effect.urls.join(' ')}`}`;
    case 'fetch':
      return `fetch ${goalName(effect.goal)} from ${effect.info.url}${effect.repair ? ' repair' : ''}`;
    case 'cancel-fetch':
      return `cancel-fetch ${goalName(effect.goal)}`;
    case 'offer':
      return `offer ${goalName(effect.goal)} to agent ${effect.agent}`;
    case 'register-outputs':
      return `register-outputs ${goalName(effect.goal)}${flags(effect)}`;
    case 'settle-build':
      return `settle-build ${goalName(effect.goal)} ${effect.failed ? 'failed' : 'succeeded'}`;
    case 'cancel-offer':
    case 'abandon-build':
      return `${effect.type} ${goalName(effect.goal)}`;
    case 'set-timer':
      return `set-timer ${goalName(effect.goal)} ${effect.delay}`;
    case 'emit':
      return `emit to ${effect.requests.join(' ')}: ${schedulerEventLine(effect.event)}`;
    case 'finish':
      return `finish ${effect.request}: ${finishLine(effect.result)}`;
  }
}

function manner({ mode, inPlace }: EffectOf<'prepare-build'>): string {
  return `${mode === 'normal' ? '' : ` mode=${mode}`}${inPlace ? ' in-place' : ''}`;
}

function flags({ moreRounds, keepDiffering }: EffectOf<'register-outputs'>): string {
  return `${moreRounds ? ' more-rounds' : ''}${keepDiffering ? ' keep-differing' : ''}`;
}

function schedulerEventLine(event: SchedulerEvent): string {
  switch (event.event) {
    case 'planned':
      return `planned ${names(event.build)}`;
    case 'planned-substitutes':
      return `planned-substitutes ${event.substitutes.map(substituteWord).join(' ')}`;
    case 'substitution-started':
      return `substitution-started ${storePathName(event.path)} from ${event.url}`;
    case 'substitution-event':
      return `substitution-event ${storePathName(event.path)} ${event.detail.event}`;
    case 'substitution-succeeded':
      return `substitution-succeeded ${storePathName(event.path)}`;
    case 'substitution-failed':
      return `substitution-failed ${storePathName(event.path)} ${event.status}: ${shorten(event.message)}`;
    case 'build-waiting':
      return `build-waiting ${storePathName(event.derivation)} for ${event.reason.for}`;
    case 'build-started':
      return `build-started ${storePathName(event.derivation)} by ${event.agent}`;
    case 'build-log':
      return `build-log ${storePathName(event.derivation)} ${JSON.stringify(Buffer.from(event.data).toString())}`;
    case 'agent-remark':
      return `agent-remark ${storePathName(event.derivation)} ${JSON.stringify(Buffer.from(event.data).toString())}`;
    case 'build-succeeded':
      return `build-succeeded ${storePathName(event.derivation)}${event.checked ? ' again' : ''}`;
    case 'hash-mismatch':
      return `hash-mismatch ${storePathName(event.path)} ${event.algorithm} ${event.expected} ${event.actual}`;
    case 'build-failed':
      return `build-failed ${storePathName(event.derivation)} ${event.status}: ${shorten(event.message)}`;
    case 'unsupported-platform':
      return `unsupported-platform ${storePathName(event.derivation)} ${event.system}`;
    case 'message':
      return `${event.level}: ${shorten(event.text)}`;
  }
}

function finishLine({ exitStatus, results, message, plan }: EffectOf<'finish'>['result']): string {
  const targets = results.map(({ target, status }) => `${shorten(target)}=${status}`).join(' ');
  const planned = [
    ...(plan.build.length === 0 ? [] : [` plan: ${names(plan.build)}`]),
    ...(plan.substitute.length === 0 ? [] : [` fetch: ${plan.substitute.map(substituteWord).join(' ')}`]),
  ].join('');
  return `${exitStatus} ${targets}${planned}${message === undefined ? '' : `: ${shorten(message)}`}`;
}

function substituteWord({ path, downloadSize, narSize }: PlannedSubstitute): string {
  return `${storePathName(path)}:${downloadSize}/${narSize}`;
}

function names(paths: readonly StorePath[]): string {
  return paths.map(storePathName).join(' ');
}

/** A text on one line, with store paths cut down to their names. */
function shorten(text: string): string {
  return text.replaceAll('\n', ' | ').replaceAll(/\/[^ `'‘’]*\/[0-9a-z]{32}-/g, '');
}
