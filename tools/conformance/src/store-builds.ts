/** What holds for every store of the builds that it prepares and registers. */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import type { Ticket } from '@cooper/contracts';
import type { Scenario } from './scenario.ts';
import { mustRefuse, type StoreScenario } from './store-trial.ts';
import { receiveArchive, sendArchive } from './tickets.ts';
import { must, same, shown } from './violation.ts';

export function storeBuildScenarios(scenario: StoreScenario): Scenario<unknown>[] {
  return [
    scenario('registers-outputs', 'the output of a build is valid once registered, with its deriver', async (trial) => {
      const { path, output } = await trial.addDerivation('built');
      const prepared = await trial.prepare(path);
      must(same(prepared.missing, [{ name: 'out', path: output }]), `missing: ${shown(prepared.missing)}`);
      must(existsSync(Buffer.from(prepared.directory).toString()), 'there is no staging directory');
      trial.makeOutput(prepared, output, `made for ${path}`);
      const registration = await trial.register(prepared);
      must(registration.status === 'registered', `it was ${shown(registration)}`);
      must((await trial.info(output)).deriver === path, 'the deriver is not the derivation');
      must(!existsSync(Buffer.from(prepared.directory).toString()), 'the staging directory is still there');
    }),
    scenario('finds-references', 'an output refers to what it names among its inputs, and to itself', async (trial) => {
      const { path, output } = await trial.addDerivation('selfish');
      const prepared = await trial.prepare(path);
      trial.makeOutput(prepared, output, `I am ${output}`);
      await trial.register(prepared);
      const { references } = await trial.info(output);
      must(same(references, [output]), `the references are ${shown(references)}`);
    }),
    scenario('wants-all-outputs', 'a build without its output is rejected, and leaves nothing', async (trial) => {
      const { path, output } = await trial.addDerivation('empty');
      const registration = await trial.register(await trial.prepare(path));
      must(
        registration.status === 'rejected' && registration.code === 'output-missing',
        `it was ${shown(registration)}`,
      );
      must(!(await trial.isValid(output)), 'the output is valid');
    }),
    scenario('locks-outputs', 'what is being built is not prepared for another', async (trial) => {
      const { path } = await trial.addDerivation('wanted');
      const { build } = await trial.prepare(path);
      const second = await trial.store.call('prepareBuild', { derivation: path, mode: 'normal' });
      must(second.status === 'locked', `the second is ${second.status}`);
      await trial.store.call('abandonBuild', { build });
      await trial.store.call('abandonBuild', { build: (await trial.prepare(path)).build });
    }),
    scenario('forgets-ended-builds', 'a build can be ended once', async (trial) => {
      const { path } = await trial.addDerivation('over');
      const { build } = await trial.prepare(path);
      await trial.store.call('abandonBuild', { build });
      await mustRefuse(trial.store.call('abandonBuild', { build }), ['unknown-build'], 'the same build');
    }),
    scenario(
      'doubts-deliveries',
      'outputs from elsewhere are for builds that are prepared, and signed',
      async (trial) => {
        const { path } = await trial.addDerivation('far');
        let stream: Buffer = Buffer.alloc(0);
        const onItem = async (ticket: Ticket) => {
          stream = await receiveArchive(ticket);
        };
        await trial.store.call('exportPaths', { paths: [path] }, { onItem });
        const deliver = () =>
          trial.store.call('deliverOutputs', { derivation: path }, { onItem: (ticket) => sendArchive(ticket, stream) });
        await mustRefuse(deliver(), ['unknown-build'], 'outputs of a build that is not prepared');
        const { build } = await trial.prepare(path);
        await mustRefuse(deliver(), ['unsigned-import', 'cancelled'], 'outputs that nobody has signed');
        await trial.store.call('abandonBuild', { build });
      },
    ),
    scenario('refuses-device-files', 'an output that is no file, directory or link is rejected', async (trial) => {
      const { path, output } = await trial.addDerivation('odd');
      const prepared = await trial.prepare(path);
      trial.makeOutput(prepared, output, 'x');
      const file = `${Buffer.from(prepared.directory)}/root${output}`;
      rmSync(file);
      execFileSync('mkfifo', [file]);
      const registration = await trial.register(prepared);
      must(
        registration.status === 'rejected' && registration.code === 'unsupported-file-type',
        `it was ${shown(registration)}`,
      );
    }),
  ];
}
