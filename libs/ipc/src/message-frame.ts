/** A message in its frame: the bytes that go over a channel. */
import { Fault } from '@cooper/fault';
import { type Message, toWire } from './envelope.ts';
import { headerSize, maxFrame } from './frame.ts';
import { encode } from './message-pack.ts';

/** Throws the fault `message-too-long`. */
export function toFrame(message: Message): Buffer {
  const frame = encode(toWire(message), headerSize);
  const length = frame.length - headerSize;
  if (length > maxFrame) {
    throw new Fault('message-too-long', `a message of ${length} bytes does not fit a frame`, { length });
  }
  frame.writeUInt32BE(length);
  return frame;
}
