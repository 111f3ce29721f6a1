import t from 'tap';
import { etcFiles } from './etc-files.ts';

t.test('the files that a recorded builder of the reference saw', async (t) => {
  const files = etcFiles({ uid: 986, gid: 993 }, 'private');
  t.same(Object.fromEntries(files), {
    passwd: 'nixbld:x:986:993:Nix build user:/:/noshell\nnobody:x:65534:65534:Nobody:/:/noshell\n',
    group: 'nixbld:!:993:\n',
    hosts: '127.0.0.1 localhost\n',
  });
});

t.test('a build with the network gets the hosts of the machine', async (t) => {
  t.same([...etcFiles({ uid: 1, gid: 2 }, 'host').keys()], ['passwd', 'group']);
});
