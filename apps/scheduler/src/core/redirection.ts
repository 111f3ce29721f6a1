/**
 * Hash rewriting: without a root of its own, a build cannot make an output at a path where something valid lies. It sees
 * another path there instead, of the same length, and the store puts things right again in what it made.
 */
import type { Job, Preparation } from '@cooper/contracts';
import { type StorePath, storePathHashPart } from '@cooper/store-path';

/** Outputs that a build makes at `scratch` instead of `path`. */
export type Redirections = Extract<Preparation, { status: 'prepared' }>['redirected'];

/** `job` with the hash part of every redirected output replaced by that of its scratch path, wherever a build sees it. */
export function redirectJob(job: Job, redirections: Redirections): Job {
  if (redirections.length === 0) return job;
  const rewrite = rewriter(redirections);
  const scratch = new Map<string, StorePath>(redirections.map(({ path, scratch }) => [path, scratch]));
  return {
    ...job,
    builder: rewrite(job.builder),
    args: job.args.map(rewrite),
    environment: job.environment.map(({ name, value }) => ({ name: rewrite(name), value: rewrite(value) })),
    files: job.files.map(({ name, contents }) => ({ name, contents: rewrite(contents) })),
    outputs: job.outputs.map(({ name, path }) => ({ name, path: scratch.get(path) ?? path })),
  };
}

/** Replaces in one pass: what has been put in is never replaced again. */
function rewriter(redirections: Redirections): (bytes: Uint8Array) => Uint8Array {
  const parts = new Map<string, string>(
    redirections.map(({ path, scratch }) => [storePathHashPart(path), storePathHashPart(scratch)]),
  );
  const pattern = new RegExp([...parts.keys()].join('|'), 'g');
  return (bytes) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    return Buffer.from(
      text.replace(pattern, (part) => parts.get(part) ?? part),
      'latin1',
    );
  };
}
