/** The conformance kit finds faults that are planted: each by the scenario that is about it. */
import { fileURLToPath } from 'node:url';
import { kits, makePlace, type Place, type Scenario, streamSubject, tryScenarios } from '@cooper/conformance';
import {
  buildAgentContract,
  type Contract,
  schedulerContract,
  storeContract,
  substituteContract,
} from '@cooper/contracts';
import t, { type Test } from 'tap';
import { sloppyServer, type WireFlaw } from './sloppy-server.ts';
import { type Fault, spoil } from './spoilt-process.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
type Params = Readonly<Record<string, unknown>>;

t.setTimeout(280_000);

const flaws: Readonly<Record<WireFlaw, string>> = {
  'any-contract': 'refuses-other-contracts',
  'any-version': 'refuses-other-versions',
  nameless: 'greets',
  ungreeted: 'wants-a-greeting',
  'any-call': 'refuses-unknown-calls',
  'any-field': 'names-wrong-fields',
  'unnamed-field': 'names-missing-fields',
  'known-fields-only': 'ignores-unknown-fields',
  'whole-frames-only': 'reads-cut-frames',
  'one-frame-a-piece': 'reads-joined-frames',
  'ends-on-notes': 'ignores-late-notes',
  'waits-for-long-frames': 'cuts-off-long-frames',
  'passes-over-nonsense': 'cuts-off-nonsense',
  'takes-any-value': 'cuts-off-other-messages',
};

t.test('faults of the wire', async (t) => {
  const place = placeFor(t);
  const scenarios = kits['substitute']?.scenarios(place) ?? [];
  for (const [flaw, name] of Object.entries(flaws) as [WireFlaw, string][]) {
    const start = async () => ({ ...streamSubject(sloppyServer(flaw)), patience: 2000 });
    t.ok(await isFound(scenarios, name, start), `${flaw} is found by ${name}`);
  }
});

/** A spoilt hash: of the right form, and not the right one. */
const otherHash = `sha256:${'0'.repeat(64)}`;
const infosOf = (result: Params) => result['infos'] as readonly (Params | null)[];
const changeInfos = (change: (info: Params) => Params) => (result: Params) => ({
  infos: infosOf(result).map((info) => (info === null ? null : change(info))),
});
const reversed = (result: Params) => ({ infos: [...infosOf(result)].reverse() });
const changeOutcome = (change: (outcome: Params) => Params) => (result: Params) => ({
  outcome: change(result['outcome'] as Params),
});
const jobOf = (params: Params) => params['job'] as Params;
const changeJob = (change: (job: Params) => Params) => (params: Params) => ({
  job: { ...jobOf(params), ...change(jobOf(params)) },
});

const ofSubstituter: Readonly<Record<string, Fault>> = {
  'answers-in-order': { method: 'query', result: reversed },
  'offers-what-there-is': { method: 'query', result: changeInfos((info) => ({ ...info, narSize: 1 })) },
  'gives-the-narinfo': {
    method: 'query',
    result: changeInfos((info) => ({ ...info, narinfo: (info['narinfo'] as Buffer).subarray(0, 200) })),
  },
  'answers-nothing-for-nothing': { method: 'query', result: (result) => ({ infos: [...infosOf(result), null] }) },
  delivers: {
    method: 'fetch',
    result: changeOutcome((outcome) => ({ ...outcome, narHash: otherHash })),
  },
  'tells-changed-archives': {
    method: 'fetch',
    result: changeOutcome(({ url, expected }) => ({
      status: 'fetched',
      url,
      transferred: 1,
      narHash: expected,
      narSize: 1,
    })),
  },
  'tells-missing-archives': {
    method: 'fetch',
    result: changeOutcome(() => ({ status: 'fetched', url: 'x', transferred: 1, narHash: otherHash, narSize: 1 })),
  },
  'can-be-cancelled': { method: 'fetch', deaf: true },
};

const ofBuilder: Readonly<Record<string, Fault>> = {
  builds: { method: 'offer', params: changeJob(() => ({ args: [Buffer.from('-c'), Buffer.from('exit 0')] })) },
  'tells-times': {
    method: 'offer',
    result: changeOutcome((outcome) => ({ ...outcome, startTime: 1, stopTime: 2 })),
  },
  'starts-before-it-logs': { method: 'offer', item: (item) => (item['event'] === 'started' ? undefined : item) },
  'passes-the-log': { method: 'offer', item: asText },
  'loses-nothing-of-a-long-log': { method: 'offer', item: everyOtherLog() },
  'gives-the-environment': {
    method: 'offer',
    params: changeJob(({ environment }) => ({ environment: (environment as unknown[]).slice(0, 2) })),
  },
  'gives-a-directory': { method: 'offer', params: changeJob(() => ({ directoryVariables: [] })) },
  'writes-the-files': { method: 'offer', params: changeJob(() => ({ files: [] })) },
  'tells-exit-codes': { method: 'offer', result: changeOutcome((outcome) => ({ ...outcome, exitCode: 1 })) },
  'tells-signals': {
    method: 'offer',
    result: changeOutcome((outcome) => ({ ...outcome, exitCode: 137, signal: null })),
  },
  'keeps-the-limit-of-silence': {
    method: 'offer',
    result: changeOutcome((outcome) => ({ ...outcome, limit: 'timeout' })),
  },
};

const ofStore: Readonly<Record<string, Fault>> = {
  'answers-in-order': { method: 'queryPathInfos', result: reversed },
  'tells-what-it-knows': { method: 'queryPathInfos', result: changeInfos((info) => ({ ...info, narHash: otherHash })) },
  'adds-texts': {
    method: 'addTexts',
    params: ({ texts }) => ({
      texts: (texts as Params[]).map((text) => ({ ...text, contents: Buffer.from('other') })),
    }),
  },
  'follows-references': {
    method: 'queryClosure',
    result: ({ paths }) => ({ paths: [...(paths as string[])].reverse() }),
  },
  'registers-outputs': {
    method: 'registerOutputs',
    call: async (_params, _forward) => ({ status: 'registered', infos: [] }),
  },
  'forgets-ended-builds': { method: 'abandonBuild', call: async () => ({}) },
};

const ofScheduler: Readonly<Record<string, Fault>> = {
  builds: { method: 'realise', item: (item) => (item['event'] === 'build-succeeded' ? undefined : item) },
  plans: { method: 'plan', result: (result) => ({ ...result, build: [] }) },
  'fails-what-needs-it': { method: 'realise', result: (result) => ({ ...result, exitStatus: 1 }) },
  'tells-what-goes-on': { method: 'snapshot', result: (result) => ({ ...result, goals: [] }) },
  'refuses-bad-targets': { method: 'realise', call: async () => ({ request: 1, exitStatus: 0, results: [] }) },
};

const inStore = (place: Place) => [`--store-dir=${place.store}`, `--state-dir=${place.state}`];
const groups: readonly (readonly [string, Contract, Readonly<Record<string, Fault>>, (place: Place) => string[]])[] = [
  [
    'substitute',
    substituteContract,
    ofSubstituter,
    ({ cache }) => [process.execPath, `${checkout}examples/node-agents/substituter.ts`, cache],
  ],
  [
    'build-agent',
    buildAgentContract,
    ofBuilder,
    (place) => [`${checkout}apps/builder/bin/cooper-builder`, ...inStore(place)],
  ],
  [
    'scheduler',
    schedulerContract,
    ofScheduler,
    (place) => [
      `${checkout}apps/scheduler/bin/cooper-scheduler`,
      ...inStore(place),
      ...['--channel=store=3', `--listen=build-agents=${place.agents}`],
    ],
  ],
  ['store', storeContract, ofStore, (place) => [`${checkout}apps/store/bin/cooper-store`, ...inStore(place)]],
];

for (const [name, contract, faults, command] of groups) {
  t.test(`faults of the contract ${name}`, async (t) => {
    const place = placeFor(t);
    const kit = kits[name];
    if (kit === undefined) throw new Error(`no kit ${name}`);
    const scenarios = kit.scenarios(place);
    const start = async (fault?: Fault) => spoil(await kit.start(command(place), place), contract, fault);
    for (const [scenario, fault] of Object.entries(faults)) {
      t.notOk(await isFound(scenarios, scenario, () => start()), `${scenario} holds as it is`);
      t.ok(await isFound(scenarios, scenario, () => start(fault)), `${scenario} finds its fault`);
    }
  });
}

function placeFor(t: Test): Place {
  const place = makePlace();
  t.teardown(() => place.remove());
  return place;
}

/** True when the scenario `name` does not hold. */
async function isFound(
  scenarios: readonly Scenario<unknown>[],
  name: string,
  start: Parameters<typeof tryScenarios>[1],
) {
  const chosen = scenarios.filter((scenario) => scenario.name === name);
  if (chosen.length !== 1) throw new Error(`no scenario ${name}`);
  for await (const { violation } of tryScenarios(chosen, start, undefined)) return violation !== undefined;
  throw new Error('nothing was tried');
}

/** A log that went through text: what is no UTF-8 is lost. */
function asText(item: Params): Params {
  return item['event'] === 'log'
    ? { ...item, data: Buffer.from(Buffer.from(item['data'] as Buffer).toString('utf8')) }
    : item;
}

function everyOtherLog(): (item: Params) => Params | undefined {
  let count = 0;
  return (item) => (item['event'] === 'log' && count++ % 2 === 1 ? undefined : item);
}
