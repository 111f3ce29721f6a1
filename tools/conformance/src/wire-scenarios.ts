/** What holds for every server of every contract: frames, the handshake, errors, streams. */
import type { Contract } from '@cooper/contracts';
import { frame, RawPeer, type Response } from './raw-peer.ts';
import type { Scenario } from './scenario.ts';
import type { Subject } from './subject.ts';
import { must, shown, Violation } from './violation.ts';

/** A call that any implementation can answer at once, and how to spoil its parameters. */
export interface Probe {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** A field that must be there; with this value it is of the wrong type. */
  readonly field: string;
  readonly wrong: unknown;
}

type Try = (peer: RawPeer, subject: Subject) => Promise<void>;

/** The scenarios of the wire for `contract`. `world` is not used. */
export function wireScenarios(contract: Contract, probe: Probe): Scenario<unknown>[] {
  const scenario = (name: string, about: string, run: Try): Scenario<unknown> => ({
    name,
    about,
    run: (subject) => run(new RawPeer(subject), subject),
  });
  /** After the handshake. */
  const greeted = (name: string, about: string, run: Try) =>
    scenario(name, about, async (peer, subject) => {
      await peer.greet(contract);
      await run(peer, subject);
    });
  const works = async (peer: RawPeer) => {
    mustSucceed(await peer.ask(probe.method, probe.params), probe.method);
  };
  return [
    scenario('greets', 'initialize is answered with the contract, its version and a name', async (peer) => {
      const { contract: name, version, server, features } = await peer.greet(contract);
      must(name === contract.name, `the contract is ${shown(name)}, not ${contract.name}`);
      must(version === contract.version, `the version is ${shown(version)}, not ${contract.version}`);
      must(typeof server === 'string' && server !== '', 'the server does not say what it is');
      must(Array.isArray(features), 'features is not a list');
    }),
    scenario('refuses-other-contracts', 'another contract is refused with contract-mismatch', async (peer) => {
      const params = { contract: `not-${contract.name}`, version: 1, features: [], client: 'conformance' };
      mustFail(await peer.ask('initialize', params), 'contract-mismatch');
      await peer.ended();
    }),
    scenario('refuses-other-versions', 'another version is refused with contract-mismatch', async (peer) => {
      const params = { contract: contract.name, version: 999, features: [], client: 'conformance' };
      mustFail(await peer.ask('initialize', params), 'contract-mismatch');
      await peer.ended();
    }),
    scenario('wants-a-greeting', 'a call before initialize is refused', async (peer) => {
      mustFail(await peer.ask(probe.method, probe.params), 'invalid-request');
    }),
    greeted('answers', `${probe.method} is answered`, works),
    greeted('refuses-unknown-calls', 'an unknown call is refused, and the channel goes on', async (peer) => {
      mustFail(await peer.ask('noSuchCall', {}), 'invalid-request');
      await works(peer);
    }),
    greeted('names-missing-fields', 'a missing field is refused by its name', async (peer) => {
      const params = Object.fromEntries(Object.entries(probe.params).filter(([name]) => name !== probe.field));
      mustName(mustFail(await peer.ask(probe.method, params), 'invalid-request'), probe.field);
      await works(peer);
    }),
    greeted('names-wrong-fields', 'a field of the wrong type is refused by its name', async (peer) => {
      const response = await peer.ask(probe.method, { ...probe.params, [probe.field]: probe.wrong });
      mustName(mustFail(response, 'invalid-request'), probe.field);
      await works(peer);
    }),
    greeted('ignores-unknown-fields', 'a field that nobody knows is ignored', async (peer) => {
      mustSucceed(await peer.ask(probe.method, { ...probe.params, fieldOfTheFuture: [1] }), probe.method);
    }),
    greeted('reads-cut-frames', 'a frame may come byte by byte', async (peer) => {
      for (const byte of frame([0, 7000, probe.method, probe.params])) {
        peer.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      mustSucceed(await peer.response(7000), probe.method);
    }),
    greeted('reads-joined-frames', 'many frames may come in one piece; each is answered under its id', async (peer) => {
      const ids = Array.from({ length: 50 }, (_, index) => 8000 + index * 7);
      peer.write(Buffer.concat(ids.map((id) => frame([0, id, probe.method, probe.params]))));
      for (const id of ids) mustSucceed(await peer.response(id), probe.method);
    }),
    greeted('ignores-late-notes', 'cancelling and crediting what has ended changes nothing', async (peer) => {
      peer.cancel(4711);
      peer.grant(4711, 3);
      await works(peer);
    }),
    greeted('cuts-off-long-frames', 'a frame of more than 16 MiB is not waited for', async (peer) => {
      peer.write(Uint8Array.of(0x7f, 0xff, 0xff, 0xff));
      await peer.ended();
    }),
    greeted('cuts-off-nonsense', 'bytes that are no MessagePack end the channel', async (peer) => {
      peer.write(Uint8Array.of(0, 0, 0, 1, 0xc1));
      await peer.ended();
    }),
    greeted('cuts-off-other-messages', 'a value that is no message ends the channel', async (peer) => {
      peer.write(frame({ not: 'a message' }));
      await peer.ended();
    }),
    greeted('cuts-off-deep-values', 'a value nested without end ends the channel', async (peer) => {
      const depth = 100_000;
      const body = Buffer.concat([Buffer.alloc(depth, 0x91), Uint8Array.of(0x90)]);
      const header = Buffer.alloc(4);
      header.writeUInt32BE(body.length);
      peer.write(Buffer.concat([header, body]));
      await peer.ended();
    }),
    greeted(
      'ends-with-its-channel',
      'a server on standard input and output ends when that does',
      async (peer, subject) => {
        peer.end();
        await Promise.race([subject.ended, peer.ended()]);
      },
    ),
  ];
}

/** The error of `response`, which must have this code. */
export function mustFail({ error, result }: Response, code: string): string {
  if (error === null) throw new Violation(`expected the error ${code}, got the result ${shown(result)}`);
  must(error.code === code, `expected the error ${code}, got ${error.code}: ${error.message}`);
  must(typeof error.message === 'string' && error.message !== '', `the error ${code} has no text`);
  return error.message;
}

/** The result of `response`, which must be one. */
export function mustSucceed({ error, result }: Response, method: string): unknown {
  if (error !== null) throw new Violation(`${method} failed: ${error.code}: ${error.message}`);
  return result;
}

function mustName(message: string, field: string): void {
  must(message.includes(field), `the error does not name the field \`${field}': ${message}`);
}
