/** The numbers of Guix's worker protocol: how a session begins, and what kinds of messages there are. */

/** The client's first word, `nixc`. */
export const clientMagic = 0x6e697863;

/** The daemon's answer, `dxio`. */
export const daemonMagic = 0x6478696f;

/** Major 1, minor 0x64: the version of Guix since 2020. */
export const protocolVersion = 0x164;

/** The part of a version that both sides must share. */
export const majorOf = (version: number): number => version & 0xff00;

/** The part of a version that says which fields there are. */
export const minorOf = (version: number): number => version & 0x00ff;

/** What the daemon says before the reply to a request. */
export const messageCodes = {
  /** Text for people, and lines of the build trace. */
  next: 0x6f6c6d67,
  /** The daemon wants bytes. */
  read: 0x64617461,
  /** The daemon has bytes. */
  write: 0x64617416,
  /** The reply follows. */
  last: 0x616c7473,
  /** There is no reply: the request failed. */
  error: 0x63787470,
} as const;

/** What collect-garbage is to do. */
export const collectionActions = ['live', 'dead', 'delete-dead', 'delete-specific'] as const;

/** The modes of build-things. */
export const buildModes = ['normal', 'repair', 'check'] as const;
