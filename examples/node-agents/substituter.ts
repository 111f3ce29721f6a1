/** A substituter of its own: the files of a cache, uncompressed, below the directory of its command line. */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { defineSubstituter } from '@cooper/agent';
import { formatPrefixedHash } from '@cooper/hash';
import { parseNarinfo } from '@cooper/narinfo';
import { type StorePath, storePathHashPart } from '@cooper/store-path';

const directory = process.argv[2] ?? '.';

defineSubstituter({
  name: 'example-substituter',
  find: async (paths) => paths.map(offer),
  open: async ({ narinfo }) => {
    const file = `${directory}/${narinfo.files[0].url}`;
    return existsSync(file) ? createReadStream(file) : null;
  },
});

function offer(path: StorePath) {
  const file = `${directory}/${storePathHashPart(path)}.narinfo`;
  if (!existsSync(file)) return null;
  const text = readFileSync(file);
  const { deriver, references, narSize, narHash } = parseNarinfo(path.slice(0, path.lastIndexOf('/')), text);
  const hash = formatPrefixedHash(narHash, 'base16');
  return { path, deriver, references, downloadSize: narSize, narSize, narHash: hash, narinfo: text, url: 'file:cache' };
}
