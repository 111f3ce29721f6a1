/** The files of /etc that a build sees, as the reference writes them. */

/** Where slirp4netns answers for the name servers of the machine. */
const nameServer = '10.0.2.3';

/** By name: contents for a build that runs with these ids. */
export function etcFiles(
  { uid, gid }: { readonly uid: number; readonly gid: number },
  network: 'private' | 'host' | 'attached',
): ReadonlyMap<string, string> {
  const files = new Map([
    ['passwd', `nixbld:x:${uid}:${gid}:Nix build user:/:/noshell\nnobody:x:65534:65534:Nobody:/:/noshell\n`],
    ['group', `nixbld:!:${gid}:\n`],
  ]);
  // A build with the network sees the hosts of the machine instead.
  if (network === 'private') files.set('hosts', '127.0.0.1 localhost\n');
  if (network === 'attached') files.set('resolv.conf', `nameserver ${nameServer}\n`);
  return files;
}
