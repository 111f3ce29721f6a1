/** Whether the processes go on answering while a large output is hashed and searched for references. */
import type { Bench } from './bench.ts';
import { longestSilence } from './heartbeat.ts';
import { figures } from './row.ts';
import { single } from './workload.ts';

const processes = ['store', 'scheduler'] as const;

export async function silenceRows(bench: Bench): Promise<void> {
  const size = bench.options.quick ? 1 : 5;
  const rows = processes.map((process) => ({
    process,
    name: `longest silence of the ${process}, an output of ${size} GiB`,
  }));
  const names = rows.map(({ name }) => name);
  await bench.withSides({ sandbox: false, maxJobs: 1 }, names, async (cooper) => {
    for (const { process, name } of rows) {
      const measure = async () => {
        // A file of holes: it takes no disk, and as long to hash as any.
        const added = await cooper.add(single(`/usr/bin/truncate -s ${size}G $out`));
        const silence = await longestSilence(
          () => cooper.pulse(process),
          () => cooper.build(added),
        );
        return { cooper: figures([silence]) };
      };
      await bench.row({ name, unit: 'ms', aim: { most: 100 }, measure });
    }
  });
}
