/** What a machine must have for a job, from `requiredSystemFeatures`, and what ours has. */
import type { Job } from '@cooper/contracts';

/**
 * Why this machine may not do `job`; nothing when it may. Without a list of what it has (`features` is empty), it has
 * everything, as in the reference, where the words are for build hooks alone.
 */
export function lackingFeatures(job: Job, features: readonly string[]): string | undefined {
  if (features.length === 0) return undefined;
  const lacking = job.features.filter((feature) => !features.includes(feature));
  if (lacking.length === 0) return undefined;
  return `it requires system features that this machine lacks: ${lacking.join(', ')}`;
}
