import type { SchedulerEvent } from '@cooper/contracts';
import { parseStorePath } from '@cooper/store-path';
import fc from 'fast-check';
import t from 'tap';
import { JsonEvents, jsonBytes, jsonLine } from './json-line.ts';

const derivation = parseStorePath('/gnu/store', `/gnu/store/${'a'.repeat(32)}-x.drv`);
const log = (data: Uint8Array): SchedulerEvent => ({ event: 'build-log', derivation, data });
const ended: SchedulerEvent = { event: 'build-succeeded', derivation, outputs: [], duration: 1, time: 2 };

t.test('bytes are text where they are UTF-8', async (t) => {
  t.equal(jsonBytes(Buffer.from('ä')), 'ä');
  t.same(jsonBytes(Buffer.from([0xff, 0x00])), { base64: '/wA=' });
  t.equal(jsonLine({ a: Buffer.from('x'), b: new Uint8Array([0xff]) }), '{"a":"x","b":{"base64":"/w=="}}\n');
});

t.test('a line has no characters that steer a terminal', async (t) => {
  const line = jsonLine({ text: '\x1b[2J\x9b\x7f\n' });
  t.equal(line, '{"text":"\\u001b[2J\\u009b\\u007f\\n"}\n');
  t.same(JSON.parse(line), { text: '\x1b[2J\x9b\x7f\n' });
});

t.test('characters that are cut between chunks are whole', async (t) => {
  const events = new JsonEvents();
  const bytes = Buffer.from('aä🦆');
  t.equal(events.lines(log(bytes.subarray(0, 2))), jsonLine({ event: 'build-log', derivation, data: 'a' }));
  t.equal(events.lines(log(bytes.subarray(2, 5))), jsonLine({ event: 'build-log', derivation, data: 'ä' }));
  t.equal(events.lines(log(bytes.subarray(5, 6))), '', 'nothing to say yet');
  const rest = jsonLine({ event: 'build-log', derivation, data: { base64: bytes.subarray(3, 6).toString('base64') } });
  t.equal(events.lines(ended), rest + jsonLine(ended), 'what never becomes whole is not lost');
});

t.test('no byte is lost, wherever chunks are cut', async () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc.string({ unit: 'grapheme', maxLength: 3 }).map((s) => Buffer.from(s)),
  );
  fc.assert(
    fc.property(fc.array(chunk), (chunks) => {
      const events = new JsonEvents();
      const lines = [...chunks.map((data) => events.lines(log(data))), events.lines(ended)].join('');
      const values = lines
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ event }) => event === 'build-log');
      const bytes = values.map(({ data }) =>
        typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.base64, 'base64'),
      );
      return Buffer.concat(bytes).equals(Buffer.concat(chunks));
    }),
  );
});
