/** cooper-download REQUEST: the built-in builders. Runs in the sandbox of a build, as any builder does. */
import { runBuiltin } from './shell/program.ts';

process.exitCode = await runBuiltin(process.argv[2] ?? 'request.json');
