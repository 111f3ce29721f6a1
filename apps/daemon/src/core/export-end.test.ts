import fc from 'fast-check';
import t from 'tap';
import { chunksOf } from '../../../../test/support/arbitrary-chunks.ts';
import { readGoldenBundle } from '../../../../test/support/golden.ts';
import { ExportEnd } from './export-end.ts';

const client = readGoldenBundle('worker-protocol/sessions.tar.zst').get('import-signed.client.bin') as Buffer;
/** Three signed items, as `guix archive --export` wrote them: behind the handshake, the operation and the length. */
const recorded = client.subarray(48, 48 + Number(client.readBigUInt64LE(40)));

t.test('the end of a recorded export is found, however it is cut', async () => {
  const more = Buffer.concat([recorded, Buffer.from('what follows')]);
  fc.assert(
    fc.property(chunksOf(more), (chunks) => {
      const end = new ExportEnd();
      let used = 0;
      for (const chunk of chunks) {
        if (end.isReached) break;
        used += end.read(Buffer.from(chunk));
      }
      return end.isReached && used === recorded.length;
    }),
  );
});

t.test('an export of nothing', async (t) => {
  const end = new ExportEnd();
  t.equal(end.read(Buffer.alloc(8)), 8);
  t.ok(end.isReached);
});

t.test('what is no export', async (t) => {
  const wrong = Buffer.alloc(8, 7);
  t.throws(() => new ExportEnd().read(wrong), { code: 'malformed-request' });
  wrong.writeBigUInt64LE(2n);
  t.throws(() => new ExportEnd().read(wrong), { code: 'invalid-export' });
  wrong.writeBigUInt64LE(1n);
  t.throws(() => new ExportEnd().read(Buffer.concat([wrong, Buffer.alloc(64)])), { code: 'invalid-nar' });
});
