/** The store items that the examples speak of: a greeter, the library that it needs, and its derivation. */
import type { PathInfo, Ticket } from '@cooper/contracts';
import { fileArchive } from '@cooper/nar';
import type { StorePath } from '@cooper/store-path';

const inStore = (letter: string, name: string) => `/gnu/store/${letter.repeat(32)}-${name}` as StorePath;

export const hello = inStore('h', 'hello-2.12');
export const libc = inStore('c', 'glibc-2.39');
export const helloDerivation = inStore('d', 'hello-2.12.drv');
export const absent = inStore('z', 'nobody-has-this');

export const narHash = `sha256:${'5d'.repeat(32)}`;
export const otherHash = `sha256:${'0b'.repeat(32)}`;
export const bytes = (text: string) => Buffer.from(text);

/** 2026-01-01, in milliseconds. */
export const time = 1_767_225_600_000;

export const ticket: Ticket = { socket: bytes('/var/guix/run/bulk'), ticket: '8c1f0e53b2a94d6c' };

export const helloInfo: PathInfo = {
  path: hello,
  narHash,
  narSize: 226_560,
  references: [libc],
  deriver: helloDerivation,
  registrationTime: time / 1000,
};

export const helloOutput = { name: 'out', path: hello };
export const ended = { startTime: time, stopTime: time + 1200, logSize: 6 };
/** The archive of a file of six bytes. */
export const smallNar = fileArchive('hello\n');

export const url = 'https://cache.example.org';

export const narinfo = bytes(
  `StorePath: ${hello}\nURL: nar/zstd/hello\nCompression: zstd\nNarHash: sha256:…\nNarSize: 226560\nReferences: …\nSignature: 1;example;…\n`,
);
