/** How `cooper` exits. The first four are the reference's. */
export const exitStatus = {
  success: 0,
  failure: 1,
  buildFailed: 100,
  timedOut: 101,
  /** Whoever read the output has closed it: what a shell reports of a program that SIGPIPE ended. */
  outputClosed: 141,
} as const;
