/** The questions of `cooper store query`. */

/** What each asks, by the name of its option. */
export const questionTexts = {
  references: 'what they refer to',
  referrers: 'what refers to them',
  requisites: 'everything that they need, themselves included',
  deriver: 'the derivation that made each of them',
  outputs: 'the outputs of these derivations',
  hash: 'the hash of the NAR of each of them',
  size: 'the size of the NAR of each of them, in bytes',
  valid: 'those of them that are valid; exits with 1 when some are not',
} as const;

export type Question = keyof typeof questionTexts;

/** All of them. */
export const questionNames = Object.keys(questionTexts) as readonly Question[];
