/** cooper-builder: builds on this machine. */
import { parseGiven, readSettings } from '@cooper/config';
import { buildAgentContract } from '@cooper/contracts';
import { serve } from '@cooper/ipc';
import { run } from '@cooper/process';
import { systemOf } from './core/platform.ts';
import { BuildUsers } from './shell/build-users.ts';
import { ControlGroups } from './shell/control-group.ts';
import { builderHandlers } from './shell/service.ts';

run('cooper-builder', async (context) => {
  const uid = process.getuid?.() ?? 0;
  const settings = readSettings({ given: parseGiven(context.args), environment: process.env, uid });
  const { directories } = settings;
  const groups = new ControlGroups();
  if (!groups.areUsable)
    context.log.info('no control groups: what builds leave behind is killed with their namespaces');
  const handlers = builderHandlers({
    storeDir: directories.store,
    logDir: directories.log,
    temporary: process.env['TMPDIR'] ?? '/tmp',
    machine: settings.system ?? systemOf(process.arch),
    users: uid === 0 ? new BuildUsers(directories.state, settings['build-users-group']) : null,
    groups,
  });
  await context.serve('build-agent', (stream) => {
    const onBug = (error: unknown, call: string) =>
      context.log.error(`bug in ${call}: ${String((error as Error).stack)}`);
    return serve(buildAgentContract, handlers, stream, { server: 'builder', onBug }).closed;
  });
});
