/**
 * The lines of the reference's build hook (`guix offload`): what is written to it, and what its output means. See
 * DerivationGoal::tryBuildHook of the reference.
 */
import type { Job } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';

/** The limits come on the hook's command line: it serves jobs of the same limits only. */
export function hookArguments({ limits }: Job, system: string): string[] {
  return ['offload', system, `${limits.maxSilentTime}`, '1', `${limits.timeout}`];
}

/** What the hook is asked: whether a slot is free here, the system, the derivation, the features. */
export function requestLine({ system, derivation, features }: Job): string {
  return `1 ${system} ${derivation} ${features.join(',')}\n`;
}

/** What it is told once it has accepted: what to have there, and what to bring back. */
export function jobLines(inputs: readonly StorePath[], { outputs }: Job): string {
  return [inputs, outputs.map(({ path }) => path)].map((paths) => `${[...paths].sort().join(' ')} \n`).join('');
}

export type Reply = 'accept' | 'decline' | 'postpone';

/** The longest line that is waited for. */
const longestLine = 64 * 1024;

/**
 * Finds the reply in what the hook writes: the first line that begins with `# `. One reply may come in several pieces, and
 * remarks before or behind it in the same.
 */
export class ReplyReader {
  #pending: Buffer = Buffer.alloc(0);

  /** The remarks before the reply, and the reply once it is there; what lies behind it is `rest`. */
  push(data: Buffer): { readonly remarks: Buffer; readonly reply?: string; readonly rest?: Buffer } {
    const bytes = Buffer.concat([this.#pending, data]);
    for (let start = 0; ; ) {
      const end = bytes.indexOf(0x0a, start);
      if (end < 0) return this.#keep(bytes, start);
      if (bytes.toString('latin1', start, start + 2) === '# ') {
        const reply = bytes.toString('latin1', start + 2, end);
        return { remarks: bytes.subarray(0, start), reply, rest: bytes.subarray(end + 1) };
      }
      start = end + 1;
    }
  }

  #keep(bytes: Buffer, start: number): { readonly remarks: Buffer } {
    const cut = bytes.length - start > longestLine ? bytes.length : start;
    this.#pending = bytes.subarray(cut);
    return { remarks: bytes.subarray(0, cut) };
  }
}

export function isReply(text: string): text is Reply {
  return text === 'accept' || text === 'decline' || text === 'postpone';
}
