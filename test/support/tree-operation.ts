/**
 * A process that does one thing with a tree, for tests under limits, as another user, or in other namespaces.
 * Arguments: what to do, and the path. A fault's code goes to standard error, and the process exits with 1.
 */
import { isFault } from '@cooper/fault';
import { canonicaliseTree, hashTree, removeTree } from '@cooper/nar-files';

const operations: Readonly<Record<string, (path: string) => unknown>> = {
  canonicalise: (path) => canonicaliseTree(path),
  hash: (path) => hashTree(path),
  remove: (path) => removeTree(path),
};

const [name = '', path = ''] = process.argv.slice(2);
try {
  operations[name]?.(path);
} catch (error) {
  if (!isFault(error)) throw error;
  process.stderr.write(error.code);
  process.exitCode = 1;
}
