/** What clients are told about collections and checks of the store, in the reference's words. */
import type { Item, storeContract } from '@cooper/contracts';

type VerifyEvent = Item<typeof storeContract, 'verify'>;

const mebibyte = 1024 * 1024;

/** What a check has found; nothing where that is of no interest. */
export function verifyText(event: VerifyEvent): string | undefined {
  switch (event.event) {
    case 'missing':
      return event.removed
        ? `path \`${event.path}' disappeared, removing from database...\n`
        : `path \`${event.path}' disappeared, but it still has valid referrers!\n`;
    case 'corrupt': {
      const { expected, actual } = event;
      return `path \`${event.path}' was modified! expected hash \`${digest(expected)}', got \`${digest(actual)}'\n`;
    }
    case 'unreadable':
      return `error: ${event.message}\n`;
    case 'progress':
      return undefined;
  }
}

export function freedBySharing(bytes: number, files: number): string {
  return `${(bytes / mebibyte).toFixed(2)} MiB freed by hard-linking ${files} files\n`;
}

export const collectionTexts = {
  finding: 'finding garbage collector roots...\n',
  determining: 'determining live/dead paths...\n',
  deleting: 'deleting garbage...\n',
  deletingOne: (path: string, progress: string) => `[${progress}] deleting '${path}'\n`,
  trash: (storeDir: string) => `deleting \`${storeDir}/trash'\n`,
  links: 'deleting unused links...\n',
  enough: (bytes: bigint) => `deleted or invalidated more than ${bytes} bytes; stopping\n`,
  sharing: 'note: currently hard linking saves -0.00 MiB\n',
};

function digest(hash: string): string {
  return hash.slice(hash.indexOf(':') + 1);
}
