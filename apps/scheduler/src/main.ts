/** cooper-scheduler: channels, the engine, and what carries out its effects. */
import { openSync } from 'node:fs';
import { schedulerContract, storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { connect, serve } from '@cooper/ipc';
import { bugReporter } from '@cooper/log';
import { run } from '@cooper/process';
import { Engine } from './core/engine.ts';
import { Agents } from './shell/agents.ts';
import { Runner } from './shell/runner.ts';
import { SchedulerService } from './shell/service.ts';
import { readSettings } from './shell/settings.ts';
import { storeEffects } from './shell/store-effects.ts';
import { SubstituteAgents } from './shell/substitute-agents.ts';
import { SubstituteEffects } from './shell/substitute-effects.ts';
import { SubstituteQuestions } from './shell/substitute-questions.ts';
import { timers } from './shell/timers.ts';

run('cooper-scheduler', async (context) => {
  const settings = readSettings(context.args, process.env);
  const channel = context.channel('store');
  if (channel === undefined) throw new Fault('invalid-option', 'the scheduler needs a store: --channel store=FD');
  const traceFile = settings.trace === undefined ? undefined : openSync(settings.trace, 'a');
  context.dropPrivileges();
  const store = await connect(storeContract, channel, { client: context.name });
  void store.closed.then(() => context.fail(new Fault('store-failed', 'the store has closed the channel')));
  const runner = new Runner(new Engine(settings), traceFile);
  const agents = new Agents(runner);
  const substitutes = new SubstituteAgents();
  const questions = new SubstituteQuestions(substitutes);
  const service = new SchedulerService(runner, questions);
  runner.addPerformer(storeEffects(runner, store));
  runner.addPerformer(timers(runner));
  new SubstituteEffects(runner, { store, agents: substitutes, questions });
  await context.listen('build-agents', (stream) => agents.add(stream));
  await context.listen('substitute-agents', (stream) => substitutes.add(stream));
  const serving = { server: context.name, onBug: bugReporter(context.log) };
  await context.serve('scheduler', (stream) => serve(schedulerContract, service.handlers, stream, serving).closed);
});
