/**
 * Prints what the results of tests depend on besides sources: nx makes it part of the key of its cache, so that tests
 * which were skipped for want of rights or programs run again where they can.
 */
import { arch, release } from 'node:os';
import { missingPackages } from './test-packages.mjs';

const missing = missingPackages().map(({ debian }) => debian);
console.log([process.version, arch(), release(), `uid ${process.getuid?.()}`, ...missing].join('\n'));
