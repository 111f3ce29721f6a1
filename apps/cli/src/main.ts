/** cooper: the command line. Compiled code is kept, so that a command starts in a fraction of the time of its first run. */
import { keepCompiledCode } from './shell/compile-cache.ts';

keepCompiledCode();
const { main } = await import('./shell/program.ts');
await main(process.argv.slice(2));
