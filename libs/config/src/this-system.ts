/** The name of this machine's platform, as derivations of Guix and Nix have it. */
import { arch, endianness } from 'node:os';

const names: Readonly<Record<string, string>> = {
  arm: 'armhf-linux',
  arm64: 'aarch64-linux',
  ia32: 'i686-linux',
  loong64: 'loongarch64-linux',
  mips64el: 'mips64el-linux',
  riscv64: 'riscv64-linux',
  s390x: 's390x-linux',
  x64: 'x86_64-linux',
};

/** Such as `x86_64-linux`. */
export function thisSystem(): string {
  if (arch() === 'ppc64') return endianness() === 'LE' ? 'powerpc64le-linux' : 'powerpc64-linux';
  return names[arch()] ?? `${arch()}-linux`;
}
