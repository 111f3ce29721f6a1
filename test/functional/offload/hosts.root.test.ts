/** Other machines as hosts with networks of their own: builds over three of them, of which one is cut off. */
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { skip } from './far-machine.ts';
import { whyNoHosts } from './hosts.ts';
import { playInWorld } from './private-play.ts';
import type { ThreeHosts } from './three-hosts.ts';

t.setTimeout(170_000);

const program = fileURLToPath(new URL('three-hosts.ts', import.meta.url));

t.test(
  'D10, S87: three hosts; the cable of one is pulled, and its builds go elsewhere',
  { skip: skip || whyNoHosts() },
  async (t) => {
    const { agents, connections, begun, reason } = await playInWorld<ThreeHosts>({ program });
    t.equal(agents.length, 12);
    t.same([...new Set(agents)].sort(), ['offload: one', 'offload: three', 'offload: two']);
    t.same(connections, [1, 1, 1]);
    const lost = Object.values(begun).filter(([first]) => first === 'offload: one');
    t.not(lost.length, 0, 'it had begun some');
    for (const places of Object.values(begun)) t.match(places.at(-1), /^offload: (two|three)$/);
    t.match(reason, /it has said nothing for 25 s/);
  },
);
