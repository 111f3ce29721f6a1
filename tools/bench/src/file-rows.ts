/** Archives: hashing, scanning and restoring trees, without any process of ours or nix's daemon. */

import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { NarReader } from '@cooper/nar';
import { dumpTree, hashAndScanTree, hashTree, restoreTree } from '@cooper/nar-files';
import { execa } from 'execa';
import { type Bench, clock, race } from './bench.ts';
import type { Aim } from './row.ts';

const letters = Buffer.from('0123456789abcdfghijklmnpqrsvwxyz');

export async function fileRows(bench: Bench): Promise<void> {
  const { quick } = bench.options;
  const root = bench.directory();
  await hashRows(bench, `${root}/big`, quick ? 128 : 1024);
  await treeRows(bench, root, quick ? 5000 : 50_000);
  await scannerRows(bench, `${root}/letters`, quick ? 16 : 128);
}

/** A file of random bytes, hashed as an archive, and searched for references meanwhile. */
async function hashRows(bench: Bench, path: string, mebibytes: number): Promise<void> {
  const hashName = `hash a file of ${mebibytes} MiB`;
  const scanNames = [0, 1000].map((count) => `hash and scan it, ${count} candidates`);
  if (![hashName, ...scanNames].some((name) => bench.wants(name))) return;
  writeBlocks(path, mebibytes, (size) => randomBytes(size));
  const nixHash = ['nix-hash', '--type', 'sha256', path];
  await row(bench, { name: hashName, aim: { ratio: 1.05 }, work: () => hashTree(path), peer: nixHash });
  for (const [index, name] of scanNames.entries()) {
    const candidates = index === 0 ? [] : randomCandidates();
    // The reference needs 0.9 s where nix-hash, which does not scan, needs 0.65.
    await row(bench, { name, aim: { ratio: 1.38 }, work: () => hashAndScanTree(path, candidates), peer: nixHash });
  }
  rmSync(path);
}

/** Many small files. */
async function treeRows(bench: Bench, root: string, files: number): Promise<void> {
  const names = [`hash a tree of ${files} small files`, `restore that tree`] as const;
  if (!names.some((name) => bench.wants(name))) return;
  const tree = `${root}/tree`;
  manyFiles(tree, files);
  const peer = ['nix-hash', '--type', 'sha256', tree];
  await row(bench, { name: names[0], aim: { ratio: 1 }, work: () => hashTree(tree), peer });
  await restoreRow(bench, root, { name: names[1], tree });
}

/** What was restored stays until the end: right after trees are deleted, ext4 makes files much more slowly. */
async function restoreRow(
  bench: Bench,
  root: string,
  { name, tree }: { readonly name: string; readonly tree: string },
): Promise<void> {
  if (!bench.wants(name)) return;
  const archive = `${root}/tree.nar`;
  const file = openSync(archive, 'w');
  for (const piece of dumpTree(tree)) writeSync(file, piece);
  closeSync(file);
  const pieces = [...dumpTree(tree)].map((piece) => Buffer.from(piece));
  let runs = 0;
  const ours = () => {
    using sink = restoreTree(`${root}/ours-${++runs}`);
    const reader = new NarReader(sink);
    for (const piece of pieces) reader.write(piece);
    reader.end();
  };
  const theirs = () => quietly(['sh', '-c', `nix-store --restore ${root}/theirs-${++runs} < ${archive}`]);
  const peer = bench.options.alone ? undefined : () => clock(theirs);
  const measure = () => race({ runs: 2, cooper: () => clock(ours), peer });
  await bench.row({ name, unit: 'ms', aim: { ratio: 0.6 }, measure });
}

/** The scanner's worst case: nothing but letters of base 32. The reference needs 4.8 s for 128 MiB, 14.7 s with 1000. */
async function scannerRows(bench: Bench, path: string, mebibytes: number): Promise<void> {
  const cases = [
    { candidates: 0, reference: 4800 },
    { candidates: 1000, reference: 14_700 },
  ].map((each) => ({ ...each, name: `scan ${mebibytes} MiB of base-32 letters, ${each.candidates} candidates` }));
  if (!cases.some(({ name }) => bench.wants(name))) return;
  writeBlocks(path, mebibytes, (size) => randomBytes(size).map((byte) => letters[byte & 31] as number));
  for (const { name, candidates, reference } of cases) {
    const parts = candidates === 0 ? [] : randomCandidates();
    const aim = { most: (0.1 * reference * mebibytes) / 128 };
    await row(bench, { name, aim, work: () => hashAndScanTree(path, parts) });
  }
}

interface Work {
  readonly name: string;
  readonly aim: Aim;
  readonly work: () => unknown;
  readonly peer?: readonly string[];
}

function row(bench: Bench, { name, aim, work, peer }: Work): Promise<void> {
  const theirs = peer === undefined || bench.options.alone ? undefined : () => clock(() => quietly(peer));
  return bench.row({
    name,
    unit: 'ms',
    aim,
    measure: () => race({ runs: 3, cooper: () => clock(work), peer: theirs }),
  });
}

function randomCandidates(): string[] {
  const candidate = () => Buffer.from(randomBytes(32).map((byte) => letters[byte & 31] as number)).toString();
  return Array.from({ length: 1000 }, candidate);
}

async function quietly([program = '', ...args]: readonly string[]): Promise<void> {
  await execa(program, args, { stdout: 'ignore', stderr: 'ignore' });
}

function writeBlocks(path: string, mebibytes: number, make: (size: number) => Uint8Array): void {
  const file = openSync(path, 'w');
  const piece = make(1 << 20);
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
