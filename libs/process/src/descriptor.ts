/** The descriptors behind streams and servers, to be passed on to other processes. */

/** What Node knows of the descriptor behind a server or socket, and does not say in its types. */
interface WithHandle {
  readonly _handle: { readonly fd: number } | null;
}

/** The descriptor behind a stream or server of node:net. */
export function descriptorOf(owner: object): number {
  const fd = (owner as WithHandle)._handle?.fd;
  if (fd === undefined || fd < 0) throw new Error('there is no descriptor behind this stream');
  return fd;
}
