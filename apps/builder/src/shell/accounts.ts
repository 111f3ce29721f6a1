/** The accounts of the machine, as the files of /etc have them. */
import { readFileSync } from 'node:fs';
import { Fault } from '@cooper/fault';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Every group that the account is in. */
  readonly groups: readonly number[];
}

interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** The accounts that are members of `name`, in the order of /etc/group. Throws the fault `unusable-build-users-group`. */
export function membersOf(name: string): readonly Account[] {
  const groups = lines('/etc/group').map(parseGroup);
  const group = groups.find((other) => other.name === name);
  if (group === undefined) refuse(`the group \`${name}' specified in \`build-users-group' does not exist`, name);
  if (group.members.length === 0) refuse(`the build users group \`${name}' has no members`, name);
  const passwd = lines('/etc/passwd').map((line) => line.split(':'));
  return group.members.map((member) => {
    const entry = passwd.find(([user]) => user === member);
    if (entry === undefined) return refuse(`the user \`${member}' in the group \`${name}' does not exist`, name);
    const own = Number(entry[3]);
    const others = groups.filter(({ members }) => members.includes(member)).map(({ gid }) => gid);
    return { name: member, uid: Number(entry[2]), gid: group.gid, groups: [...new Set([own, ...others])] };
  });
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
