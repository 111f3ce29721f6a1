/** Serves the build-agent contract: takes jobs for which there is a user, does them, says how they ended. */
import type { buildAgentContract, Job, Outcome } from '@cooper/contracts';
import type { Handlers } from '@cooper/ipc';
import { sameKernel } from '../core/platform.ts';
import { type BuildListener, runBuild } from './build.ts';
import type { BuildUsers } from './build-users.ts';
import type { ControlGroups } from './control-group.ts';

export interface BuilderParts {
  readonly storeDir: string;
  readonly logDir: string;
  readonly temporary: string;
  readonly machine: string;
  /** Nil: we are not root, and builds run as we do. */
  readonly users: BuildUsers | null;
  readonly groups: ControlGroups;
}

export function builderHandlers(parts: BuilderParts): Handlers<typeof buildAgentContract> {
  return {
    offer: async ({ job }, call) => ({ outcome: await consider(job, parts, call) }),
  };
}

async function consider(job: Job, parts: BuilderParts, listener: BuildListener): Promise<Outcome> {
  const builder = Buffer.from(job.builder).toString();
  if (builder.startsWith('builtin:')) {
    const message = `unsupported builtin function '${builder.slice('builtin:'.length)}'`;
    return { status: 'not-started', step: 'execute', error: 'ENOSYS', message };
  }
  if (!sameKernel(job.system, parts.machine)) {
    return { status: 'unsupported-system', system: job.system, machine: parts.machine };
  }
  const user = parts.users === null ? null : parts.users.take();
  if (user === undefined) return { status: 'postponed', reason: 'all build users are currently in use' };
  try {
    return await runBuild(job, { ...parts, user, group: parts.groups.make() }, listener);
  } finally {
    user?.release();
  }
}
