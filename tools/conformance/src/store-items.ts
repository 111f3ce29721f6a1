/** What holds for every store of the items in it. */

import { lstatSync, readFileSync } from 'node:fs';
import type { Ticket } from '@cooper/contracts';
import { formatPrefixedHash, hashBytes } from '@cooper/hash';
import { fileArchive } from '@cooper/nar';
import { makeFixedOutputPath, makeTextPath, type StorePath, storePathHashPart } from '@cooper/store-path';
import { directoryArchive } from './archives.ts';
import type { Scenario } from './scenario.ts';
import { mustRefuse, type StoreScenario } from './store-trial.ts';
import { beTurnedAway, receiveArchive, sendArchive } from './tickets.ts';
import { must, same, shown } from './violation.ts';

export function storeItemScenarios(scenario: StoreScenario, storeDir: string): Scenario<unknown>[] {
  const nobody = `${storeDir}/${'0'.repeat(32)}-nobody` as StorePath;
  return [
    scenario('adds-texts', 'a text is valid under the path that its name and contents give', async (trial) => {
      const contents = trial.fresh();
      const path = await trial.addText('note', contents);
      const contentsHash = hashBytes('sha256', Buffer.from(contents));
      const expected = makeTextPath({ storeDir: storeDir, name: 'note', contentsHash, references: [] });
      must(path === expected, `it is ${path}, not ${expected}`);
      must(await trial.isValid(path), 'it is not valid');
      must(readFileSync(path, 'utf8') === contents, 'the file holds something else');
    }),
    scenario('tells-what-it-knows', 'hash, size and references of a text are those of its archive', async (trial) => {
      const below = await trial.addText('below', trial.fresh());
      const contents = `${trial.fresh()} refers to ${below}`;
      const path = await trial.addText('above', contents, [below]);
      const archive = fileArchive(Buffer.from(contents));
      const info = await trial.info(path);
      must(info.narSize === archive.length, `the size is ${info.narSize}, not ${archive.length}`);
      const expected = formatPrefixedHash(hashBytes('sha256', archive), 'base16');
      must(info.narHash === expected, `the hash is ${info.narHash}, not ${expected}`);
      must(same(info.references, [below]), `the references are ${shown(info.references)}`);
      must(info.deriver === null, `the deriver is ${info.deriver}`);
    }),
    scenario('adds-twice', 'what is there already may be added again', async (trial) => {
      const contents = trial.fresh();
      const [first, second] = [await trial.addText('twice', contents), await trial.addText('twice', contents)];
      must(first === second, `it is ${first}, then ${second}`);
    }),
    scenario('canonicalises', 'items are read-only, with time 1', async (trial) => {
      const path = await trial.addText('plain', trial.fresh());
      const { mode, mtimeMs } = lstatSync(path);
      must((mode & 0o7777) === 0o444, `the mode is ${(mode & 0o7777).toString(8)}`);
      must(mtimeMs === 1000, `the time is ${mtimeMs} ms`);
    }),
    scenario('refuses-bad-names', 'names that are no store names are refused', async (trial) => {
      for (const name of ['', '.hidden', 'a/b', 'a b', 'ü', 'x'.repeat(212)]) {
        await mustRefuse(
          trial.addText(name, 'x'),
          ['invalid-store-name', 'invalid-request'],
          `the name ${shown(name)}`,
        );
      }
    }),
    scenario(
      'wants-references',
      'a text whose references are not valid is refused, and the whole list with it',
      async (trial) => {
        const contents = Buffer.from(trial.fresh());
        const texts = [
          { name: 'first', contents, references: [] },
          { name: 'second', contents, references: [nobody] },
        ];
        await mustRefuse(trial.store.call('addTexts', { texts }), ['path-not-valid'], 'a text that refers to nobody');
        const first = makeTextPath({
          storeDir: storeDir,
          name: 'first',
          contentsHash: hashBytes('sha256', contents),
          references: [],
        });
        must(!(await trial.isValid(first)), 'the text before it was added');
      },
    ),
    scenario('keeps-to-its-store', 'paths of another store are refused', async (trial) => {
      const path = `/elsewhere/${'0'.repeat(32)}-x` as StorePath;
      await mustRefuse(
        trial.store.call('queryPathInfos', { paths: [path] }),
        ['invalid-store-path'],
        `the path ${path}`,
      );
    }),
    scenario('answers-in-order', 'infos come in the order asked, nil for what is not valid', async (trial) => {
      const path = await trial.addText('known', trial.fresh());
      const { infos } = await trial.store.call('queryPathInfos', { paths: [nobody, path] });
      must(
        same(
          infos.map((info) => info?.path ?? null),
          [null, path],
        ),
        `it answers ${shown(infos)}`,
      );
    }),
    scenario('follows-references', 'closures, referrers and hash parts are found', async (trial) => {
      const low = await trial.addText('low', trial.fresh());
      const middle = await trial.addText('middle', `${trial.fresh()} ${low}`, [low]);
      const high = await trial.addText('high', `${trial.fresh()} ${middle}`, [middle]);
      const { paths } = await trial.store.call('queryClosure', { paths: [high] });
      must(same(paths, [low, middle, high]), `the closure is ${shown(paths)}`);
      const { referrers } = await trial.store.call('queryReferrers', { paths: [low] });
      must(same(referrers, [[middle]]), `the referrers are ${shown(referrers)}`);
      const { path } = await trial.store.call('queryPathFromHashPart', { hashPart: storePathHashPart(middle) });
      must(path === middle, `the hash part leads to ${path}`);
    }),
    scenario(
      'adds-trees',
      'a tree is valid under the path that its archive gives, and comes out as it went in',
      async (trial) => {
        const archive = directoryArchive({ a: trial.fresh(), b: 'x' });
        const info = await trial.addTree('tree', archive);
        const hash = hashBytes('sha256', archive);
        const expected = makeFixedOutputPath({
          storeDir: storeDir,
          name: 'tree',
          hash,
          recursive: true,
          references: [],
        });
        must(info.path === expected, `it is ${info.path}, not ${expected}`);
        must(readFileSync(`${info.path}/b`, 'utf8') === 'x', 'a file in it holds something else');
        let given: Buffer = Buffer.alloc(0);
        const onItem = async (ticket: Ticket) => {
          given = await receiveArchive(ticket);
        };
        await trial.store.call('dumpPath', { path: info.path }, { onItem });
        must(given.equals(archive), `${given.length} bytes came out of ${archive.length}, or others`);
      },
    ),
    scenario('adds-flat-files', 'a flat file is named by the hash of its contents', async (trial) => {
      const contents = Buffer.from(trial.fresh());
      const info = await trial.addTree('flat', fileArchive(contents), false);
      const hash = hashBytes('sha256', contents);
      const expected = makeFixedOutputPath({
        storeDir: storeDir,
        name: 'flat',
        hash,
        recursive: false,
        references: [],
      });
      must(info.path === expected, `it is ${info.path}, not ${expected}`);
      await mustRefuse(
        trial.addTree('flat', directoryArchive({ a: 'x' }), false),
        ['not-a-regular-file'],
        'a flat directory',
      );
    }),
    scenario(
      'refuses-bad-archives',
      'what is no archive, cut off, or out of order is refused, and leaves nothing',
      async (trial) => {
        const archive = directoryArchive({ a: trial.fresh(), b: 'x' });
        const bad: Readonly<Record<string, Buffer>> = {
          'an archive cut off': archive.subarray(0, archive.length - 8),
          'bytes behind the end': Buffer.concat([archive, Buffer.alloc(8)]),
          'names out of order': directoryArchive({ b: trial.fresh(), a: 'x' }),
          'a name that leads out': directoryArchive({ '..': trial.fresh() }),
          'no archive': Buffer.from('this is not an archive, by any means'),
          nothing: Buffer.alloc(0),
        };
        for (const [what, bytes] of Object.entries(bad)) {
          const added = trial.addTree('bad', bytes);
          await mustRefuse(added, ['invalid-nar', 'cancelled'], what);
        }
      },
    ),
    scenario('takes-a-ticket-once', 'a ticket that was used, or never given, opens nothing', async (trial) => {
      const archive = fileArchive(Buffer.from(trial.fresh()));
      let used: Ticket | undefined;
      const wish = { name: 'ticketed', recursive: true, hashAlgorithm: 'sha256' };
      await trial.store.call('addTree', wish, {
        onItem: async (ticket) => {
          used = ticket;
          await beTurnedAway({ ...ticket, ticket: '0'.repeat(ticket.ticket.length) });
          await sendArchive(ticket, archive);
        },
      });
      must(used !== undefined, 'no ticket was given');
      await beTurnedAway(used);
    }),
    scenario('exports-and-imports', 'what was exported can be imported', async (trial) => {
      const below = await trial.addText('below', trial.fresh());
      const above = await trial.addText('above', `${trial.fresh()} ${below}`, [below]);
      let stream: Buffer = Buffer.alloc(0);
      const paths = [below, above];
      const receive = async (ticket: Ticket) => {
        stream = await receiveArchive(ticket);
      };
      await trial.store.call('exportPaths', { paths }, { onItem: receive });
      const taken = await trial.store.call(
        'importPaths',
        { allowUnsigned: true },
        { onItem: (ticket) => sendArchive(ticket, stream) },
      );
      must(same(taken.paths, paths), `it took ${shown(taken.paths)}`);
      const imported = trial.store.call(
        'importPaths',
        { allowUnsigned: false },
        { onItem: (ticket) => sendArchive(ticket, stream) },
      );
      await mustRefuse(imported, ['unsigned-import', 'cancelled'], 'an import without signatures');
    }),
    scenario(
      'judges-derivations',
      'a derivation whose output path does not follow from it is refused',
      async (trial) => {
        const wrong = `${storeDir}/${'0'.repeat(32)}-x`;
        const text = `Derive([("out","${wrong}","","")],[],[],"x86_64-linux","/bin/sh",[],[("out","${wrong}")])`;
        await mustRefuse(trial.addText('x.drv', text), ['incorrect-output-path'], 'a derivation with a false output');
        await mustRefuse(trial.addText('x.drv', 'Derive(nonsense'), ['invalid-derivation'], 'what is no derivation');
      },
    ),
  ];
}
