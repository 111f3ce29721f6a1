import type { SchedulerEvent } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { BuildView } from './build-view.ts';
import { noteLines } from './plain-lines.ts';

const path = (name: string) => `/gnu/store/${'0'.repeat(32)}-${name}` as StorePath;

t.test('of outputs that differ, the files are listed, and nothing in their names acts', async (t) => {
  const files = ['bin/tool', 'odd\u001b[2Jname'].map((name) => Buffer.from(name));
  const event: SchedulerEvent = {
    event: 'build-failed',
    derivation: path('app.drv'),
    status: 'not-deterministic',
    message: 'outputs differ',
    differences: [
      { output: { name: 'doc', path: path('app-doc') }, files },
      { output: { name: 'out', path: path('app') }, files: [new Uint8Array()] },
    ],
    time: 0,
  };
  const lines = new BuildView().apply(event).flatMap(noteLines);
  t.equal(lines[0], 'cooper: error: outputs differ');
  t.equal(lines[1], `  differs: ${path('app-doc')}/bin/tool`);
  t.match(lines[2], /odd.*name$/);
  t.notMatch(lines[2], '\u001b');
  t.equal(lines.length, 3);
});
