/** `cooper build`: from targets to store paths. */
import { Fault } from '@cooper/fault';
import { loadRecipe } from '@cooper/recipe';
import { exitStatus } from '../../core/exit-status.ts';
import { jsonLine } from '../../core/json-line.ts';
import { messages, type Sizes } from '../../core/messages.ts';
import { type BuildFlags, requestOptions } from '../../core/request-options.ts';
import { print, say } from '../output.ts';
import { realise } from '../realisation.ts';
import { addRecipe } from '../recipe-targets.ts';
import { report } from '../report.ts';
import { withTable } from '../session.ts';
import type { Invocation } from '../setting-options.ts';
import { targetArgument } from '../store-argument.ts';

/** The options of the command that are no settings. */
export interface BuildCommandOptions extends BuildFlags {
  readonly file?: string;
  readonly dryRun?: boolean;
  readonly root?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Builds what `words` name: derivations in the store, or, with a file, what its recipe exports. Gives the exit status. */
export async function build(
  words: readonly string[],
  options: BuildCommandOptions,
  invocation: Invocation,
): Promise<number> {
  try {
    return await run(words, options, invocation);
  } catch (error) {
    const status = report(error);
    // Whoever reads the events finds out how they ended, whatever happens.
    if (options.json)
      await print(jsonLine({ event: 'result', exitStatus: status, results: [], message: String(error) }));
    return status;
  }
}

async function run(words: readonly string[], options: BuildCommandOptions, invocation: Invocation): Promise<number> {
  const { settings, given } = invocation;
  const storeDir = settings.directories.store;
  const recipe = options.file === undefined ? undefined : await loadRecipe(options.file);
  if (recipe === undefined && words.length === 0) throw new Fault('no-targets', messages.noTargets);
  return withTable(invocation, async (table) => {
    const targets =
      recipe === undefined
        ? words.map((word) => targetArgument(storeDir, word))
        : await addRecipe(recipe, words, { storeDir, store: await table.store() });
    const sandboxPaths = recipe?.sandboxPaths ?? [];
    const request = requestOptions({ settings, given, flags: options, sandboxPaths, user: currentUser() });
    if (options.dryRun) {
      return dryRun(await (await table.scheduler()).call('plan', { targets, options: request }), options);
    }
    const { json = false, verbose = false } = options;
    return realise(table, { targets, options: request, storeDir, root: options.root }, { json, verbose });
  });
}

interface Plan {
  readonly build: readonly string[];
  readonly substitute: readonly Sizes[];
  readonly valid: readonly string[];
  readonly unknown: readonly string[];
}

async function dryRun({ build, substitute, valid, unknown }: Plan, { json }: BuildCommandOptions): Promise<number> {
  const status = unknown.length === 0 ? exitStatus.success : exitStatus.failure;
  if (json) {
    await print(
      jsonLine({ event: 'plan', build, substitute, valid, unknown }) +
        jsonLine({ event: 'result', exitStatus: status, results: [] }),
    );
    return status;
  }
  if (substitute.length > 0) say(messages.info(messages.wouldFetch(substitute)));
  if (build.length > 0) say(messages.info(messages.wouldBuild(build)));
  if (build.length + substitute.length === 0) say(messages.info(messages.nothingToBuild));
  if (unknown.length > 0) say(messages.error(messages.isUnknown(unknown)));
  return status;
}

function currentUser(): { readonly uid: number; readonly gid: number } | undefined {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}
