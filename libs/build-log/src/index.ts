/** Build logs: where they lie, and how one is written while its build runs. */
export { type LogFile, openLog } from './log-file.ts';
export { elsewhereLogs, type LogCompression, type LogPlace, logPlace, logPlaces } from './log-place.ts';
