export { ByteQueue } from './byte-queue.ts';
export { FieldWriter } from './field-writer.ts';
export {
  type ClientGreeting,
  readClientGreeting,
  readClientMagic,
  readDaemonGreeting,
  writeClientGreeting,
  writeClientMagic,
  writeDaemonGreeting,
} from './handshake.ts';
export { type Message, readMessage, writeMessage } from './message.ts';
export { buildModes, collectionActions, minorOf, protocolVersion } from './numbers.ts';
export {
  type Arguments,
  type OperationName,
  operations,
  operationWith,
  type Reply,
} from './operations.ts';
export { maxString, maxText, Progress, type Reading, readBytes, readInteger } from './reading.ts';
export { readArguments, readReply, writeReply, writeRequest } from './request.ts';
export { makeSessionOptions, type SessionOptions } from './set-options.ts';
