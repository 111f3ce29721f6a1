/**
 * Hosts with networks of their own, for machines in tests: network namespaces, each behind a cable of its own. What is made of
 * them belongs to the network namespace of the caller, which should be one that ends with it (@cooper/replay).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';

export interface Host {
  readonly name: string;
  readonly address: string;
  /** The command that runs another there. All but the network stays as it is: `ip netns exec` would hide control groups. */
  readonly enter: readonly string[];
  /** Pulls the cable out: nothing passes from now on, and nobody is told. */
  cut(): void;
}

/** Why there can be none here; false if there can. */
export function whyNoHosts(): string | false {
  const cable = ['link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far'];
  const { status, error, stderr } = spawnSync('unshare', ['--net', 'ip', ...cable], { encoding: 'utf8' });
  if (status === 0) return false;
  return `SKIPPED: no network namespaces with veth devices, by \`ip' of iproute2: ${error?.message ?? stderr.trim()}`;
}

/** Makes the host with this number, from 1. */
export function makeHost(name: string, number: number): Host {
  const near = `near${number}`;
  const far = `far${number}`;
  ip('netns', 'add', name);
  ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', name);
  ip('address', 'add', `10.77.${number}.1/24`, 'dev', near);
  ip('link', 'set', near, 'up');
  ip('-n', name, 'address', 'add', `10.77.${number}.2/24`, 'dev', far);
  ip('-n', name, 'link', 'set', far, 'up');
  return {
    name,
    address: `10.77.${number}.2`,
    enter: ['nsenter', `--net=/run/netns/${name}`, '--'],
    cut: () => ip('-n', name, 'link', 'set', far, 'down'),
  };
}

/** What sshd looks up in a world of its own: the account that it becomes itself, and that root's is not locked. */
export function makeAccounts(): void {
  appendFileSync('/etc/passwd', 'sshd:x:106:65534::/run/sshd:/usr/sbin/nologin\n');
  writeFileSync('/etc/shadow', 'root:*:1::::::\n', { mode: 0o600 });
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}
