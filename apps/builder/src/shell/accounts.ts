/** The accounts of the machine: from the files of /etc, or from wherever getent(1) knows them, such as a directory server. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import type { BuildUser } from '../core/place.ts';

interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/**
 * The accounts that are members of the group `name`, in the group's order; each builds with that group, and keeps the
 * others it is in. Throws the fault `unusable-build-users-group`.
 */
export function membersOf(name: string): readonly BuildUser[] {
  const group = findGroup(name);
  if (group === undefined) refuse(`the group \`${name}' specified in \`build-users-group' does not exist`, name);
  if (group.members.length === 0) refuse(`the build users group \`${name}' has no members`, name);
  const all = lines('/etc/group').map(parseGroup);
  return group.members.map((member) => {
    const [, , uid, gid] = findLine('passwd', member)?.split(':') ?? [];
    if (uid === undefined) refuse(`the user \`${member}' in the group \`${name}' does not exist`, name);
    const others = [group, ...all].filter(({ members }) => members.includes(member)).map((other) => other.gid);
    return { uid: Number(uid), gid: group.gid, groups: [...new Set([Number(gid), ...others])] };
  });
}

function findGroup(name: string): Group | undefined {
  const line = findLine('group', name);
  return line === undefined ? undefined : parseGroup(line);
}

function findLine(database: 'passwd' | 'group', name: string): string | undefined {
  return lines(`/etc/${database}`).find((line) => line.startsWith(`${name}:`)) ?? askGetent(database, name);
}

/** Where there is no getent(1), the files of /etc are all there is. */
function askGetent(database: string, name: string): string | undefined {
  const { stdout } = spawnSync('getent', [database, '--', name], { encoding: 'utf8', timeout: 10_000 });
  return stdout?.split('\n').find((line) => line.startsWith(`${name}:`));
}

function parseGroup(line: string): Group {
  const [name = '', , gid, members = ''] = line.split(':');
  return { name, gid: Number(gid), members: members.split(',').filter((member) => member !== '') };
}

function lines(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function refuse(message: string, group: string): never {
  throw new Fault('unusable-build-users-group', message, { group });
}
