export { openTable, type Table } from './open-table.ts';
