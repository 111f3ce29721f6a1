/** Recorded sessions of the reference are read from both sides, and written again byte for byte. */
import { NarReader, nullSink } from '@cooper/nar';
import t from 'tap';
import { inChunks } from '../../../test/support/arbitrary-chunks.ts';
import { readGoldenBundle } from '../../../test/support/golden.ts';
import {
  ByteQueue,
  FieldWriter,
  type Message,
  minorOf,
  type OperationName,
  operationWith,
  Progress,
  type Reading,
  readArguments,
  readBytes,
  readClientGreeting,
  readClientMagic,
  readDaemonGreeting,
  readInteger,
  readMessage,
  readReply,
  writeClientGreeting,
  writeClientMagic,
  writeDaemonGreeting,
  writeMessage,
  writeReply,
  writeRequest,
} from './index.ts';

interface RecordedOperation {
  readonly number: number;
  readonly name: string;
  readonly messages?: readonly Readonly<Record<string, unknown>>[];
}

interface RecordedSession {
  readonly operations?: readonly RecordedOperation[];
}

const bundle = readGoldenBundle('worker-protocol/sessions.tar.zst');
const names = [...bundle.keys()].filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));

/** Sessions whose bytes are not of the protocol, on purpose. */
const malformed = new Set(['raw-bad-magic', 'raw-bad-padding', 'raw-bad-nar-dotdot', 'raw-bad-nar-magic']);

/** One side's bytes, and what writing what was read gives. */
class Side {
  readonly queue = new ByteQueue();
  readonly writer = new FieldWriter();

  constructor(bytes: Buffer, chunk: number) {
    for (const piece of inChunks(bytes, chunk)) this.queue.push(piece);
  }

  read<T>(reading: Reading<T>): T {
    const progress = new Progress(reading);
    if (!progress.advance(this.queue)) throw new Error('the recording ends within a field');
    return progress.value;
  }
}

/** What a session is about, read and written again. */
class Session {
  readonly client: Side;
  readonly daemon: Side;
  readonly operations: { number: number; messages: Message[] }[] = [];
  #minor = 0;

  constructor(name: string, chunk: number) {
    this.client = new Side(bundle.get(`${name}.client.bin`) as Buffer, chunk);
    this.daemon = new Side(bundle.get(`${name}.daemon.bin`) as Buffer, chunk);
  }

  copy(): void {
    this.#shakeHands();
    while (this.client.queue.length > 0) this.#copyOperation();
  }

  #shakeHands(): void {
    const { client, daemon } = this;
    client.read(readClientMagic());
    writeClientMagic(client.writer);
    writeDaemonGreeting(daemon.writer, daemon.read(readDaemonGreeting()));
    const greeting = client.read(readClientGreeting());
    writeClientGreeting(client.writer, greeting);
    this.#minor = minorOf(greeting.version);
    this.#copyMessages();
  }

  #copyOperation(): void {
    const number = this.client.read(readInteger());
    const name = operationWith(number);
    if (name === undefined) this.client.writer.integer(number);
    else this.#copyArguments(name);
    const messages = this.#copyMessages();
    this.operations.push({ number, messages });
    if (name !== undefined && messages.at(-1)?.message === 'last') this.#copyReply(name);
  }

  #copyArguments(name: OperationName): void {
    const wish = { arguments: this.client.read(readArguments(name, this.#minor)), minor: this.#minor };
    writeRequest(this.client.writer, name, wish);
    if (name !== 'add-to-store') return;
    const reader = new NarReader(nullSink);
    while (!reader.isWhole) {
      const piece = this.client.queue.takePiece() as Buffer;
      const used = reader.read(piece);
      this.client.writer.raw(piece.subarray(0, used));
      this.client.queue.putBack(piece.subarray(used));
    }
  }

  #copyMessages(): Message[] {
    const messages: Message[] = [];
    do {
      const message = this.daemon.read(readMessage(this.#minor));
      writeMessage(this.daemon.writer, message, this.#minor);
      messages.push(message);
      if (message.message === 'read') this.client.writer.bytes(this.client.read(readBytes(message.most)));
    } while (!['last', 'error'].includes(messages.at(-1)?.message ?? ''));
    return messages;
  }

  #copyReply(name: OperationName): void {
    const reply = this.daemon.read(readReply(name, this.#minor));
    writeReply(this.daemon.writer, name, { reply, minor: this.#minor });
  }
}

/** What the recording tells of an operation, without where in the streams it lies. */
function withoutPlaces({ number, messages = [] }: RecordedOperation) {
  const places = ['daemon-bytes', 'client-bytes', 'answer-length'];
  const kept = (message: object) => Object.entries(message).filter(([name]) => !places.includes(name));
  return { number, messages: messages.map((message) => Object.fromEntries(kept(message))) };
}

/** A message, as the recording tells it. */
function told(message: Message): Record<string, unknown> {
  switch (message.message) {
    case 'next':
      return { STDERR_NEXT: Buffer.from(message.text).toString() };
    case 'read':
      return { STDERR_READ: message.most };
    case 'write':
      return { 'STDERR_WRITE-length': message.data.length };
    case 'last':
      return { STDERR_LAST: null };
    case 'error':
      return { STDERR_ERROR: Buffer.from(message.text, 'latin1').toString(), status: message.status };
  }
}

for (const name of names.filter((name) => !malformed.has(name))) {
  t.test(name, async (t) => {
    const recorded = JSON.parse(String(bundle.get(`${name}.json`))) as RecordedSession;
    for (const chunk of [1, 7, 1_000_000]) {
      const session = new Session(name, chunk);
      session.copy();
      t.ok(session.client.writer.take().equals(bundle.get(`${name}.client.bin`) as Buffer), 'the client says the same');
      t.ok(session.daemon.writer.take().equals(bundle.get(`${name}.daemon.bin`) as Buffer), 'the daemon says the same');
      t.equal(session.daemon.queue.length, 0);
      t.strictSame(
        session.operations.map(({ number, messages }) => ({ number, messages: messages.map(told) })),
        (recorded.operations ?? []).map(withoutPlaces),
      );
    }
  });
}

t.test('what is not of the protocol is refused in the reference’s words', async (t) => {
  const session = new Session('raw-bad-padding', 3);
  t.throws(() => session.copy(), { code: 'malformed-request', message: 'non-zero padding' });
  const magic = new Session('raw-bad-magic', 3);
  t.throws(() => magic.copy(), { code: 'malformed-request', message: 'protocol mismatch' });
});
