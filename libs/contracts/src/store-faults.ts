/** Codes that many calls of the store contract share. */

/** What may befall every call that writes. */
export const writing = ['disk-full', 'read-only-store', 'storage-failed'] as const;

/** What a derivation is refused for, by whatever way it comes in. */
export const derivationFaults = [
  'invalid-derivation',
  'unsupported-derivation',
  'incorrect-output-path',
  'incorrect-output-variable',
] as const;
