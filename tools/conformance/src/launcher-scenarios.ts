/** What holds for every launcher: one specification in, one report out or a builder that runs, and its end is the builder's. */
import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchReport, LaunchSpecification } from '@cooper/contracts';
import { Packr } from 'msgpackr';
import type { Place } from './place.ts';
import type { Scenario } from './scenario.ts';
import type { Subject } from './subject.ts';
import { must, shown } from './violation.ts';

const packr = new Packr({ useRecords: false, int64AsType: 'auto' as 'bigint' });

/** What came of a launch. */
interface Launch {
  /** Absent: the builder ran. */
  readonly report?: LaunchReport;
  readonly output: string;
  /** `exit code N` or `signal NAME`. */
  readonly end: string;
}

export function launcherScenarios(place: Place): Scenario<unknown>[] {
  const scenario = (name: string, about: string, run: (subject: Subject) => Promise<void>) => ({ name, about, run });
  return [
    scenario('runs-the-builder', 'the builder runs, and the channel ends without a report', async (subject) => {
      const { report, output, end } = await launch(subject, shell('echo built'));
      must(report === undefined, `it reports ${shown(report)}`);
      must(output === 'built\n', `the builder said ${shown(output)}`);
      must(end === 'exit code 0', `the end is ${end}`);
    }),
    scenario('ends-as-the-builder', 'the exit code of the builder is that of the launcher', async (subject) => {
      const { end } = await launch(subject, shell('exit 72'));
      must(end === 'exit code 72', `the end is ${end}`);
    }),
    scenario('dies-as-the-builder', 'the signal that ends the builder ends the launcher', async (subject) => {
      const { end } = await launch(subject, shell('kill -TERM $$'));
      must(end === 'signal SIGTERM', `the end is ${end}`);
    }),
    scenario(
      'passes-bytes',
      'arguments and environment come to the builder byte by byte, and nothing else',
      async (subject) => {
        const specification = {
          ...shell('tr "\\0" "\\n" < /proc/self/environ; printf "%s|%s" "$0" "$1"'),
          environment: [Buffer.from('PATH=/usr/bin:/bin'), Buffer.from('ODD=\xfe\xff', 'latin1')],
        };
        const args = [...specification.args, Buffer.from('zero'), Buffer.from('o\xffne', 'latin1')];
        const { output } = await launch(subject, { ...specification, args });
        must(output === 'PATH=/usr/bin:/bin\nODD=\xfe\xff\nzero|o\xffne', `the builder saw ${shown(output)}`);
      },
    ),
    scenario('enters-the-directory', 'the builder begins in its working directory', async (subject) => {
      const { output } = await launch(subject, { ...shell('pwd'), workingDirectory: Buffer.from('/usr') });
      must(output === '/usr\n', `it is in ${shown(output)}`);
    }),
    scenario(
      'reports-a-missing-builder',
      'a builder that is not there is reported: the step and why',
      async (subject) => {
        const { report, end } = await launch(subject, { ...shell(''), builder: Buffer.from('/no/such/builder') });
        must(report?.step === 'execute' && report.error === 'ENOENT', `it reports ${shown(report)}`);
        must(end !== 'exit code 0', 'it ended as if all were well');
      },
    ),
    scenario('names-missing-fields', 'a specification without a field is refused by its name', async (subject) => {
      const { builder: _, ...rest } = shell('echo no');
      const { report, output } = await launch(subject, rest as LaunchSpecification);
      must(report?.step === 'decode-specification' && report.field === 'builder', `it reports ${shown(report)}`);
      must(output === '', 'a builder ran all the same');
    }),
    scenario('names-wrong-fields', 'a field of the wrong type is refused by its full name', async (subject) => {
      const wrong = { ...shell('echo no'), args: ['text, not bytes'] } as unknown as LaunchSpecification;
      const { report } = await launch(subject, wrong);
      must(report?.step === 'decode-specification' && /^args/.test(report.field ?? ''), `it reports ${shown(report)}`);
    }),
    scenario('ignores-unknown-fields', 'a field that nobody knows is ignored', async (subject) => {
      const { report } = await launch(subject, { ...shell('true'), future: 1 } as LaunchSpecification);
      must(report === undefined, `it reports ${shown(report)}`);
    }),
    scenario('refuses-nonsense', 'what is no MessagePack is refused', async (subject) => {
      subject.stream.write(Uint8Array.of(0, 0, 0, 1, 0xc1));
      const { report, end } = await conclude(subject);
      must(report?.step === 'decode-specification', `it reports ${shown(report)}`);
      must(end !== 'exit code 0', 'it ended as if all were well');
    }),
    scenario(
      'gives-up-without-a-caller',
      'a caller that goes away before the specification ends the launcher',
      async (subject) => {
        subject.stream.destroy();
        const end = await subject.ended;
        must(end !== 'exit code 0', `the end is ${end}`);
      },
    ),
    scenario(
      'makes-a-sandbox',
      'in a sandbox the builder sees its root, its own processes, and no network but loopback',
      async (subject) => {
        const script =
          'echo $$; ls /; ls /proc | grep -c "^[0-9]"; sed 1,2d /proc/net/dev | cut -d: -f1; cat /etc/hostname 2>&1';
        const { report, output } = await launch(subject, sandboxed(place, script));
        must(report === undefined, `it reports ${shown(report)}`);
        const lines = output.split('\n').map((line) => line.trim());
        must(lines[0] === '1', `the builder is process ${lines[0]} of its name space`);
        must(!lines.includes('home') && !lines.includes('root'), `it sees ${shown(lines)}`);
        must(lines.includes('lo') && !lines.some((line) => /^(eth|en|wl)/.test(line)), `it sees ${shown(lines)}`);
      },
    ),
    scenario('mounts-read-only', 'what is mounted read-only cannot be written', async (subject) => {
      const { output } = await launch(subject, sandboxed(place, 'touch /usr/written 2>&1 || echo refused'));
      must(output.trimEnd().endsWith('refused'), `it said ${shown(output)}`);
    }),
    scenario('ends-what-is-left', 'processes that the builder leaves in its sandbox end with it', async (subject) => {
      const started = Date.now();
      const { end } = await launch(subject, sandboxed(place, 'sleep 1000 & exit 0'));
      must(end === 'exit code 0', `the end is ${end}`);
      must(Date.now() - started < 20_000, 'it waited for the process that was left');
    }),
  ];
}

/** A script for the shell of the machine, as whoever runs the trial. */
function shell(script: string): LaunchSpecification {
  return {
    version: 1,
    builder: Buffer.from('/bin/sh'),
    args: ['sh', '-c', script].map((word) => Buffer.from(word)),
    environment: [Buffer.from('PATH=/usr/bin:/bin')],
    workingDirectory: Buffer.from('/'),
    sandbox: null,
    uid: null,
    gid: null,
    groups: null,
  };
}

/** The same in a sandbox that shows the programs of the machine. */
function sandboxed(place: Place, script: string): LaunchSpecification {
  const root = mkdtempSync(join(place.base, 'root-'));
  chmodSync(root, 0o755);
  const shown = ['/bin', '/usr', '/lib', '/lib64'].map((path) => ({
    source: Buffer.from(path),
    target: Buffer.from(path),
    readOnly: true,
    optional: true,
  }));
  const isRoot = process.getuid?.() === 0;
  return {
    ...shell(script),
    sandbox: {
      root: Buffer.from(root),
      mounts: shown,
      devices: true,
      proc: true,
      network: 'private',
      ...(isRoot ? {} : { userNamespace: { innerUid: 1000, innerGid: 100 } }),
    },
    ...(isRoot ? { uid: 872_415_300, gid: 872_415_300, groups: [] } : {}),
  };
}

async function launch(subject: Subject, specification: LaunchSpecification): Promise<Launch> {
  const message = packr.pack(specification);
  const header = Buffer.alloc(4);
  header.writeUInt32BE(message.length);
  subject.stream.write(Buffer.concat([header, message]));
  return conclude(subject);
}

/** Reads the report until the channel ends, then waits for the end of the launcher. */
async function conclude({ stream, ended, log }: Subject): Promise<Launch> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
  await new Promise((resolve) => stream.once('end', resolve).once('close', resolve));
  const bytes = Buffer.concat(chunks);
  const end = await ended;
  const report = bytes.length === 0 ? undefined : (packr.unpack(bytes.subarray(4)) as LaunchReport);
  return { ...(report === undefined ? {} : { report }), output: log(), end };
}
