/** A process that removes the tree at the path given, for tests of removal under limits and other users. */
import { removeTree } from '@cooper/nar-files';

removeTree(process.argv[2] ?? '');
