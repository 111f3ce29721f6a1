/** Holds a lock on a file, as another program would: `lock-holder.ts FILE shared|exclusive`. Says `held`, and stays. */
import { openSync } from 'node:fs';
import { tryLock } from '@cooper/system-calls';

const [file = '', kind] = process.argv.slice(2);
if (!tryLock(openSync(file, 'a+', 0o600), kind === 'exclusive')) throw new Error(`${file} is locked`);
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
