/** Finds what the built-in builders need of this machine. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Toolbox } from '../core/builtin-job.ts';

/** Where systems keep programs and what those need. */
const systemDirectories = ['/bin', '/lib', '/lib32', '/lib64', '/usr'];

let found: Toolbox | undefined;

/** Looked for once: what runs us stays. */
export function findToolbox(): Toolbox {
  found ??= {
    node: process.execPath,
    libraries: loadedLibraries(),
    checkout: fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, ''),
    system: systemDirectories.filter((path) => existsSync(path)),
  };
  return found;
}

/** What the dynamic loader has loaded for us, itself included, by the names under which it found them. */
function loadedLibraries(): readonly string[] {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork: boolean };
  // Its part on the network asks name servers.
  report.excludeNetwork = true;
  const { sharedObjects } = report.getReport() as { readonly sharedObjects?: readonly string[] };
  return (sharedObjects ?? []).filter((path) => path.startsWith('/') && !path.endsWith('.node') && existsSync(path));
}
