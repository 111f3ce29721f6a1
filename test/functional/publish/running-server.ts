/** `cooper serve` with a store of its own, as a user runs it. */
import { chmodSync } from 'node:fs';
import { TemporaryCooper } from '../cli/temporary-cooper.ts';

interface Test {
  teardown(work: () => void | Promise<void>): unknown;
}

export interface RunningServer {
  /** `http://HOST:PORT`. */
  readonly url: string;
  /** What it has said on its standard error. */
  log(): string;
  /** Ends it as an interrupt does; gives the exit status. */
  stop(): Promise<number | null>;
}

/** A store in a directory that the server can reach as another user. */
export function makeCooper(t: Test): TemporaryCooper {
  const cooper = new TemporaryCooper();
  chmodSync(cooper.directory, 0o755);
  t.teardown(() => cooper.remove());
  return cooper;
}

/** What a command printed: the first line. Throws when it failed. */
export async function lineOf(ended: ReturnType<TemporaryCooper['run']>): Promise<string> {
  const { status, stdout, stderr } = await ended;
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n')[0] ?? '';
}

/** Starts `cooper serve WORDS…` on a free port. */
export async function startServer(t: Test, cooper: TemporaryCooper, ...words: string[]): Promise<RunningServer> {
  const running = cooper.start('serve', '--listen', '127.0.0.1:0', ...words);
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    running.process.stderr.on('data', (data: Buffer) => {
      said += data.toString();
      const [found] = /http:\/\/127[0-9.:]+/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
    void running.ended.then(() => reject(new Error(`it has ended: ${said}`)));
  });
  const stop = async () => {
    running.process.kill('SIGINT');
    return (await running.ended).status;
  };
  t.teardown(async () => void (await stop()));
  return { url, log: () => said, stop };
}
