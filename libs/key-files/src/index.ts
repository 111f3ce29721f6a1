export { BelievedKeys } from './believed-keys.ts';
export { KeptFile } from './kept-file.ts';
