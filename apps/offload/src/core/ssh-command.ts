/**
 * The command line of ssh for a machine. No file of the user's is read, nothing is forwarded, nobody is asked; keys and
 * known hosts are files in the directory that it is started in, by names of our own. What is the machine's stands where
 * ssh takes it for nothing else, and has been checked for hyphens and the like by its schema.
 */
import type { Machine } from '@cooper/machines';

/** What stands for the machine in its file of known hosts. */
const alias = 'cooper-machine';

/** In seconds: how long ssh may take to connect, and how often it looks whether anybody is there. */
const connecting = 20;
const heartbeat = 15;

export const knownHostsName = (machine: Machine) => `${machine.name}.known-hosts`;
export const keyName = (machine: Machine) => `${machine.name}.key`;

/** The one line of the file of known hosts: no other key is accepted. */
export function knownHostsLine({ hostKey }: Machine): string {
  return `${alias} ${hostKey.split(' ').slice(0, 2).join(' ')}\n`;
}

export function sshArguments(machine: Machine): readonly string[] {
  const { host, port, user, program } = machine;
  return [
    ...['-F', 'none', '-T', '-a', '-x', '-p', `${port}`, '-l', user, '-i', keyName(machine)],
    ...Object.entries(optionsFor(machine)).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...['--', host, program, 'remote'],
  ];
}

function optionsFor(machine: Machine): Readonly<Record<string, string | number>> {
  return {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: knownHostsName(machine),
    GlobalKnownHostsFile: 'none',
    HostKeyAlias: alias,
    CheckHostIP: 'no',
    UpdateHostKeys: 'no',
    PreferredAuthentications: 'publickey',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    CertificateFile: 'none',
    ProxyCommand: 'none',
    ProxyJump: 'none',
    ControlMaster: 'no',
    ControlPath: 'none',
    ClearAllForwardings: 'yes',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    PermitLocalCommand: 'no',
    EscapeChar: 'none',
    Compression: 'no',
    ConnectTimeout: connecting,
    ConnectionAttempts: 1,
    ServerAliveInterval: heartbeat,
    ServerAliveCountMax: 3,
    LogLevel: 'ERROR',
  };
}
