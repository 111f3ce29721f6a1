/**
 * The cache of compiled code: what Node makes of TypeScript, kept for the next command and for the processes that it
 * starts. Without it, most of the time of a small command is spent on compiling the same files again.
 *
 * Whoever can write there runs code as us, so it is used only where nobody else can: Node's own default, a fixed name in
 * the directory for temporary files, is not such a place.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';

/** Uses the cache, and has child processes use it. Where there is no safe place for one, does nothing. */
export function keepCompiledCode(): void {
  const base = process.env['XDG_CACHE_HOME'] ?? `${homedir()}/.cache`;
  const directory = `${base}/cooper/compiled`;
  if (process.env['NODE_COMPILE_CACHE'] !== undefined || !base.startsWith('/') || !isOurs(directory)) return;
  enableCompileCache(directory);
  process.env['NODE_COMPILE_CACHE'] = directory;
}

/** Makes the directory if need be; false where it cannot be made, or where others could write. */
function isOurs(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(directory);
    return uid === process.geteuid?.() && (mode & 0o022) === 0;
  } catch {
    // A home that cannot be written to, or none: commands are slower then, and nothing else.
    return false;
  }
}
