/** Archives: hashing and restoring trees, and the worst case of the scanner, without any process of ours or nix's daemon. */

import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { NarReader } from '@cooper/nar';
import { dumpTree, hashAndScanTree, hashTree, removeTree, restoreTree } from '@cooper/nar-files';
import { execa } from 'execa';
import { figures, type Row } from './measure.ts';

interface Options {
  readonly quick: boolean;
  readonly alone: boolean;
}

const runs = 3;

export async function fileRows(root: string, { quick, alone }: Options): Promise<readonly Row[]> {
  mkdirSync(root, { recursive: true });
  const peer = (command: string[]) => (alone ? undefined : () => quietly(command));
  const rows: Row[] = [];
  const big = `${root}/big`;
  bigFile(big, quick ? 128 : 1024);
  rows.push(
    await time(
      `hash a file of ${quick ? 128 : 1024} MiB (tree)`,
      () => void hashTree(big),
      peer(['nix-hash', '--type', 'sha256', big]),
    ),
  );
  rmSync(big);
  const tree = `${root}/tree`;
  manyFiles(tree, quick ? 5000 : 50_000);
  rows.push(
    await time(
      `hash ${quick ? 5000 : 50_000} small files (tree)`,
      () => void hashTree(tree),
      peer(['nix-hash', '--type', 'sha256', tree]),
    ),
  );
  rows.push(await restoreRow(root, tree, alone));
  removeTree(tree);
  rows.push(await scannerRow(`${root}/letters`, quick ? 16 : 128));
  return rows;
}

async function restoreRow(root: string, tree: string, alone: boolean): Promise<Row> {
  const archive = `${root}/tree.nar`;
  const file = openSync(archive, 'w');
  for (const piece of dumpTree(tree)) writeSync(file, piece);
  closeSync(file);
  const pieces = [...dumpTree(tree)].map((piece) => Buffer.from(piece));
  const ours = () => {
    using sink = restoreTree(`${root}/ours`);
    const reader = new NarReader(sink);
    for (const piece of pieces) reader.write(piece);
    reader.end();
  };
  const theirs = alone ? undefined : () => quietly(['sh', '-c', `nix-store --restore ${root}/theirs < ${archive}`]);
  // Deleting just before creating slows ext4 down: each run has a tree of its own, and all go at the end.
  const row = await time('restore that tree', ours, theirs, () => {
    for (const name of ['ours', 'theirs']) rmSync(`${root}/${name}`, { recursive: true, force: true });
  });
  return row;
}

/** Nothing but letters of base 32, and a thousand hash parts to look for. */
async function scannerRow(path: string, mebibytes: number): Promise<Row> {
  const letters = Buffer.from('0123456789abcdfghijklmnpqrsvwxyz');
  const piece = Buffer.from(randomBytes(1 << 20).map((byte) => letters[byte & 31] as number));
  const file = openSync(path, 'w');
  for (let index = 0; index < mebibytes; index++) writeSync(file, piece);
  closeSync(file);
  const candidates = Array.from({ length: 1000 }, () =>
    Buffer.from(randomBytes(32).map((byte) => letters[byte & 31] as number)).toString(),
  );
  return time(
    `scan ${mebibytes} MiB of base-32 letters, 1000 candidates`,
    () => void hashAndScanTree(path, candidates),
    undefined,
  );
}

async function time(
  name: string,
  ours: () => void | Promise<void>,
  theirs?: () => Promise<void>,
  between?: () => void,
): Promise<Row> {
  console.error(name);
  const mine: number[] = [];
  const peers: number[] = [];
  for (let run = 0; run <= runs; run++) {
    mine.push(await clock(ours));
    if (theirs !== undefined) peers.push(await clock(theirs));
    between?.();
  }
  return {
    name,
    unit: 'ms',
    cooper: figures(mine.slice(1)),
    peer: theirs === undefined ? undefined : figures(peers.slice(1)),
  };
}

async function clock(work: () => void | Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function quietly([program = '', ...args]: string[]): Promise<void> {
  await execa(program, args, { stdout: 'ignore', stderr: 'ignore' });
}

function bigFile(path: string, mebibytes: number): void {
  const file = openSync(path, 'w');
  const piece = randomBytes(1 << 20);
  for (let index = 0; index < mebibytes; index++) writeSync(file, piece);
  closeSync(file);
}

/** 100 files in each directory, of a few hundred bytes. */
export function manyFiles(path: string, count: number): void {
  for (let index = 0; index < count; index++) {
    const directory = `${path}/d${Math.floor(index / 100)}`;
    if (index % 100 === 0) mkdirSync(directory, { recursive: true });
    writeFileSync(`${directory}/f${index}`, `file ${index}\n`.repeat(1 + (index % 40)));
  }
}
