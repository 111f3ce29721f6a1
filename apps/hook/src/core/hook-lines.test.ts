import fc from 'fast-check';
import t from 'tap';
import { ReplyReader } from './hook-lines.ts';

/** Feeds `text` to a reader in pieces of the given sizes; gives what it has found. */
function read(text: string, sizes: readonly number[]) {
  const reader = new ReplyReader();
  let remarks = '';
  let [at, turn] = [0, 0];
  while (at < text.length) {
    const size = sizes[turn++ % sizes.length] ?? 1;
    const found = reader.push(Buffer.from(text.slice(at, at + size)));
    at += size;
    remarks += found.remarks.toString();
    if (found.reply !== undefined) return { remarks, reply: found.reply, rest: `${found.rest}${text.slice(at)}` };
  }
  return { remarks };
}

t.test('a reply is found wherever the pieces are cut, and nothing around it is lost', async () => {
  const line = fc.stringMatching(/^[a-z ]{0,12}$/);
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(line), fc.array(line), sizes, (before, behind, cuts) => {
      const remarks = before.map((text) => `${text}\n`).join('');
      const rest = behind.map((text) => `${text}\n`).join('');
      const found = read(`${remarks}# accept\n${rest}`, cuts);
      return found.remarks === remarks && found.reply === 'accept' && found.rest === rest;
    }),
  );
});

t.test('a line without end is not kept', async (t) => {
  const reader = new ReplyReader();
  let remarks = 0;
  for (let piece = 0; piece < 100; piece++) remarks += reader.push(Buffer.alloc(10_000, 'x')).remarks.length;
  t.ok(remarks > 900_000, `${remarks} of 1,000,000 bytes were passed on`);
});
