/** A small real process, for the tests of the skeleton: it serves the contract `sample`, and does what it is told. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { serve } from '@cooper/ipc';
import { run } from '../index.ts';
import { sampleContract } from './sample-contract.ts';

run('cooper-sample', async (context) => {
  const has = (word: string) => context.args.includes(word);
  if (has('--throw')) throw new Error('a broken invariant', { cause: new Error('deeper') });
  context.onStop(() => context.log.info('stopping: first'));
  context.onStop(async () => {
    if (has('--hang')) await new Promise(() => {});
    context.log.info('stopping: last');
  });
  if (has('--reload')) context.onHangup(() => context.log.info('reloading'));
  context.dropPrivileges();
  await context.serve('sample', (stream) => {
    const handlers = {
      status: () => ({ text: readFileSync('/proc/self/status', 'utf8') }),
      // What a child of this process finds open.
      descriptors: () => ({ text: execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' }) }),
      crash: () => {
        setImmediate(() => {
          throw new Error('out of nowhere');
        });
        return { text: '' };
      },
    };
    return serve(sampleContract, handlers, stream, { server: context.name }).closed;
  });
  context.log.info(`ready with ${context.args.length} words`);
});
