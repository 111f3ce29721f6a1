/** Requests and replies as they follow each other in a session. */
import type { FieldWriter } from './field-writer.ts';
import { type Arguments, type OperationName, operations, type Reply, shapeOf } from './operations.ts';
import type { Reading } from './reading.ts';

/** The arguments of an operation whose number has been read. */
export function readArguments<N extends OperationName>(name: N, minor: number): Reading<Arguments<N>> {
  return shapeOf(name).arguments.read(minor) as Reading<Arguments<N>>;
}

/** An operation's number and arguments. */
export function writeRequest<N extends OperationName>(
  writer: FieldWriter,
  name: N,
  wish: { readonly arguments: Arguments<N>; readonly minor: number },
): void {
  writer.integer(operations[name].number);
  shapeOf(name).arguments.write(writer, wish.arguments, wish.minor);
}

/** The reply to an operation, after the message `last`. */
export function readReply<N extends OperationName>(name: N, minor: number): Reading<Reply<N>> {
  return shapeOf(name).reply.read(minor) as Reading<Reply<N>>;
}

export function writeReply<N extends OperationName>(
  writer: FieldWriter,
  name: N,
  answer: { readonly reply: Reply<N>; readonly minor: number },
): void {
  shapeOf(name).reply.write(writer, answer.reply, answer.minor);
}
