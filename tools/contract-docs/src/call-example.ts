/** The example of a call as messages: held against the schemas of the call, and encoded by the codec of every channel. */
import { type Contract, check, type Method } from '@cooper/contracts';
import { type Message, toFrame, toWire } from '@cooper/ipc';
import { examples } from './examples/index.ts';
import { jsonLines, toJson } from './json-text.ts';
import { outline } from './message-outline.ts';

/** The second request of a channel: the first is `initialize`. */
const id = 2;

/** A message, and who sends it: `>` the client, `<` the server. */
interface Sent {
  readonly mark: '>' | '<';
  readonly message: Message;
}

/** What passes between client and server in the example of `name`. Throws a fault where that is not of the contract. */
function messagesOf(contract: Contract, name: string): readonly Sent[] {
  const method = contract.methods[name] as Method;
  const example = examples[contract.name]?.[name];
  if (example === undefined) throw new Error(`${contract.name} ${name} has no example`);
  const { params, items = [], result } = example;
  check(method.params, params, `${name} params`);
  check(method.result, result, `${name} result`);
  if (method.item === undefined && items.length > 0) throw new Error(`${name} streams nothing`);
  for (const item of items) if (method.item !== undefined) check(method.item, item, `${name} item`);
  return [
    { mark: '>', message: { kind: 'request', id, method: name, params } },
    ...items.map((item): Sent => ({ mark: '<', message: { kind: 'item', id, item } })),
    { mark: '<', message: { kind: 'response', id, error: null, result } },
  ];
}

/** The example in Markdown: in JSON for everybody, in bytes for who writes a codec. */
export function exampleSection(contract: Contract, name: string): string[] {
  const sent = messagesOf(contract, name);
  const inJson = sent.map(({ mark, message }) => `${mark} ${jsonLines(toJson(toWire(message)), 2)}`);
  const inBytes = sent.flatMap(({ mark, message }) => outline(toFrame(message), mark));
  return [
    'Example:',
    '',
    ...indented(inJson),
    '',
    '<details><summary>the same in bytes</summary>',
    '',
    ...indented(inBytes),
    '',
    '</details>',
    '',
  ];
}

/** The example for programs: each message in JSON, and its whole frame in hexadecimal. */
export function exampleVectors(contract: Contract, name: string): readonly object[] {
  return messagesOf(contract, name).map(({ mark, message }) => ({
    from: mark === '>' ? 'client' : 'server',
    message: toJson(toWire(message)),
    frame: toFrame(message).toString('hex'),
  }));
}

function indented(parts: readonly string[]): string[] {
  return parts.flatMap((part) => part.split('\n')).map((line) => `    ${line}`.trimEnd());
}
