import t from 'tap';
import { giveBack, lentPieces } from './lent-pieces.ts';

async function* inTurn(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

t.test('a piece is gone when the next one is asked for', async (t) => {
  const pieces = [1, 2].map((letter) => Buffer.from(new ArrayBuffer(32 * 1024)).fill(letter));
  const seen: number[] = [];
  for await (const piece of lentPieces(inTurn(pieces))) {
    t.equal(piece.length, 32 * 1024);
    seen.push(piece[0] as number);
  }
  t.same(seen, [1, 2]);
  t.same(
    pieces.map(({ length }) => length),
    [0, 0],
  );
});

t.test('what may have other parts that somebody looks at stays', async (t) => {
  const whole = Buffer.from(new ArrayBuffer(64 * 1024)).fill('x');
  const shared = Buffer.from(new SharedArrayBuffer(64 * 1024)).fill('x');
  const kept = [whole.subarray(0, 32 * 1024), whole.subarray(1), Buffer.from('from a pool'), shared];
  for (const piece of kept) {
    const before = piece.length;
    giveBack(piece);
    t.equal(piece.length, before);
  }
  t.equal(whole.length, 64 * 1024);
});
