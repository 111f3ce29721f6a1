/** What a job must be before anything is done for it: whoever offers it need not have our rights. */
import type { Job } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { isStorePath } from '@cooper/store-path';

/** Throws the fault `invalid-request` for a job that names what is not of this store, or files outside its directory. */
export function checkJob(job: Job, storeDir: string): void {
  const paths = [job.derivation, ...job.inputs, ...job.outputs.map(({ path }) => path)];
  for (const path of paths) {
    if (!isStorePath(storeDir, path)) refuse(`\`${path}' is not a path of the store ${storeDir}`, { path });
  }
  const names = [...job.files.map(({ name }) => name), ...(job.fileVariables ?? []).map(({ file }) => file)];
  for (const name of names) {
    if (!isFileName(name)) refuse(`\`${name}' is not the name of a file`, { name });
  }
}

function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0');
}

function refuse(message: string, facts: Record<string, unknown>): never {
  throw new Fault('invalid-request', message, facts);
}
