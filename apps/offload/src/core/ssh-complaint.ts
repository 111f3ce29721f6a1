/** What ssh said when it ended, in one line for people; and what is to be done where that is known. */

const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /host key verification failed|host identification has changed/i,
    'its host key is not the one in the file of machines',
  ],
  [/permission denied/i, 'it does not accept the key: see authorized_keys there'],
  [/no user exists for uid/i, 'ssh wants an account: make one called `cooper`'],
  [/unshare/i, 'ssh wants an account, or user namespaces: make an account called `cooper`'],
  [
    /cooper: (command )?not found|cooper: no such file/i,
    '`cooper` is not in the PATH of that account: name it as `program`',
  ],
];

/** The last lines that say something, without those that ssh frames its warnings with. */
export function sshComplaint(stderr: string, end: string): string {
  const lines = stderr
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('@'));
  const said = lines.slice(-3).join(' / ').slice(-500);
  const remedy = remedies.find(([pattern]) => pattern.test(stderr))?.[1];
  return [said === '' ? `ssh ended with ${end}` : said, ...(remedy === undefined ? [] : [remedy])].join(': ');
}
