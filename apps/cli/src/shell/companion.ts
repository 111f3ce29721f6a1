/** Programs of ours beside the processes of the table, each for as long as a command runs. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type Server, Socket } from 'node:net';
import { cooperUser } from '@cooper/config';
import { Fault } from '@cooper/fault';
import { confinedTo, type User, untilItIsLoaded } from '@cooper/process';

/** Who such a program becomes: a user without rights, where we have any. */
export function unprivilegedUser(): User | undefined {
  return process.getuid?.() === 0 ? cooperUser() : undefined;
}

/** `command`, which becomes `user` when it is loaded, and can gain no rights before or after. */
export function commandAs(user: User | undefined, command: readonly string[]): readonly string[] {
  if (user === undefined) return command;
  return [...(confinedTo(untilItIsLoaded) ?? []), ...command, `--user=${user.uid}:${user.gid}`];
}

/** A connection of which nothing is read here. */
export async function dial(path: string): Promise<Socket> {
  const socket = new Socket();
  socket.pause();
  socket.connect(path);
  await ready(socket, 'connect', 'cannot-connect', path);
  return socket;
}

/** Resolves at the first `event`; throws the fault `code` when there is none. */
export async function ready(
  what: Server | Socket,
  event: string,
  code: 'cannot-listen' | 'cannot-connect',
  where: string,
) {
  try {
    await once(what, event);
  } catch (error) {
    const verb = code === 'cannot-listen' ? 'listen at' : 'connect to';
    throw new Fault(code, `cannot ${verb} ${where}: ${(error as Error).message}`, { where }, { cause: error });
  }
}

/** The exit status of `child`, which the signals that end us end. */
export async function ended(child: ChildProcess): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
