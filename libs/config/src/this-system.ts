/** The system of this machine, as Guix and Nix name it, such as `x86_64-linux`. */
export function thisSystem(): string {
  const names: Readonly<Record<string, string>> = { x64: 'x86_64', ia32: 'i686', arm64: 'aarch64', arm: 'armhf' };
  return `${names[process.arch] ?? process.arch}-linux`;
}
