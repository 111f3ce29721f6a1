/** What archives may hold at most: what every file system of interest can, so that a good archive can be restored. */

/** Bytes of a name. */
export const maxName = 255;

/** Bytes of a symlink's target. */
export const maxTarget = 4095;

/** How many directories may be inside each other: twice as many as any path of 4,096 bytes can name. */
export const maxDepth = 4096;

/** Bytes of a file: what an offset in a file can be. */
export const maxFileSize = 2n ** 63n - 1n;
