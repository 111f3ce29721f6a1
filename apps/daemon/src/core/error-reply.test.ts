import { toText } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import { NarReader, nullSink } from '@cooper/nar';
import t from 'tap';
import { errorMessage } from './error-reply.ts';

const told = (fault: Fault) => toText(errorMessage(fault).text);

/** What reading these words as an archive throws. */
function problemOf(...words: readonly string[]): Fault {
  const bytes = words.flatMap((word) => {
    const length = Buffer.alloc(8);
    length.writeUInt32LE(word.length);
    return [length, Buffer.from(word), Buffer.alloc((8 - (word.length % 8)) % 8)];
  });
  try {
    new NarReader(nullSink).write(Buffer.concat(bytes));
  } catch (error) {
    return error as Fault;
  }
  throw new Error('nothing is wrong with it');
}

t.test('paths that are not valid, in the reference’s two ways', async (t) => {
  t.equal(told(new Fault('path-not-valid', 'x', { path: '/p' })), "path `/p' is not valid");
  t.equal(told(new Fault('path-not-valid', 'x', { path: '/p', reference: '/r' })), 'path ‘/r’ is not valid');
});

t.test('archives that are none', async (t) => {
  const directory = ['nix-archive-1', '(', 'type', 'directory', 'entry', '(', 'name'];
  t.equal(told(problemOf('nix-archive-2')), "bad archive: input doesn't look like a normalized archive");
  t.equal(told(problemOf(...directory, '..')), "NAR contains invalid file name `..'");
  const link = ['node', '(', 'type', 'symlink', 'target', 'x', ')', ')'];
  t.equal(told(problemOf(...directory, 'b', ...link, 'entry', '(', 'name', 'a')), 'NAR directory is not sorted');
  t.match(told(problemOf('nix-archive-1', '[')), /^bad archive: expected "\("/);
});

t.test('the status of a build, and of everything else', async (t) => {
  t.equal(errorMessage(new Fault('build-failed', 'x', { status: 100 })).status, 100);
  t.equal(errorMessage(new Fault('disk-full', 'x')).status, 1);
});
