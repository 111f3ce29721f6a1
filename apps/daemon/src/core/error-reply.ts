/** What a client is told when its request fails: the reference's words where clients and their tests know them. */
import { fromText } from '@cooper/byte-string';
import type { Fault } from '@cooper/fault';
import type { Message } from '@cooper/worker-protocol';

/** The status of an error that is not about a build. */
const generalStatus = 1;

/** The reference's words for faults that have other words in Cooper. */
const words: Readonly<Record<string, (fault: Fault) => string>> = {
  'path-not-valid': ({ facts: { path, reference }, message }) => {
    if (typeof reference === 'string') return `path ‘${reference}’ is not valid`;
    return typeof path === 'string' ? `path \`${path}' is not valid` : message;
  },
  'channel-closed': ({ facts: { contract } }) =>
    `the ${String(contract)} process of the daemon has ended; it is being started again`,
  'not-a-regular-file': () => 'regular file expected',
  'invalid-nar': archiveProblem,
  'invalid-hash': ({ message }) => (message.includes('algorithm') ? 'unknown hash type' : message),
};

/** What the reference says of such an archive. */
function archiveProblem({ message, facts }: Fault): string {
  if (facts['offset'] === 0) return "bad archive: input doesn't look like a normalized archive";
  const [, name, what] = /the name ("(?:[^"\\]|\\.)*")(: | after )/.exec(message) ?? [];
  if (name === undefined) return message.replace(/^invalid archive:/, 'bad archive:');
  return what === ': ' ? `NAR contains invalid file name \`${JSON.parse(name)}'` : 'NAR directory is not sorted';
}

/** The message that ends a request with `fault`. */
export function errorMessage(fault: Fault): Message & { message: 'error' } {
  const status = fault.facts['status'];
  return {
    message: 'error',
    text: fromText(words[fault.code]?.(fault) ?? fault.message),
    status: typeof status === 'number' ? status : generalStatus,
  };
}
