/**
 * Nix, with a store in a directory of its own: what another implementation says of the same things. Its programs work
 * on that store themselves, without a daemon, and build without a sandbox, as whoever runs the test.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const configuration = 'sandbox = false\nbuild-users-group =\nsubstituters =\nwarn-dirty = false\n';

export interface ItemFacts {
  /** Of the NAR: `sha256:` and base 32. */
  readonly hash: string;
  /** Of the NAR, in bytes. */
  readonly size: number;
  readonly references: readonly string[];
}

/** Whether `nix-store` is installed. */
export function isNixInstalled(): boolean {
  return spawnSync('nix-store', ['--version']).status === 0;
}

export class NixStore {
  readonly #environment: NodeJS.ProcessEnv;

  /** `storeDir` is where its items are; all else goes to `directory`. */
  constructor(storeDir: string, directory: string) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'nix.conf'), configuration);
    this.#environment = {
      ...process.env,
      HOME: directory,
      NIX_STORE_DIR: storeDir,
      NIX_STATE_DIR: join(directory, 'state'),
      NIX_LOG_DIR: join(directory, 'log'),
      NIX_CONF_DIR: directory,
      NIX_REMOTE: '',
    };
  }

  /** What a program prints. Throws when it fails. */
  run(program: string, words: readonly string[], input: Uint8Array = Buffer.alloc(0)): Buffer {
    const done = spawnSync(program, words, { env: this.#environment, input, maxBuffer: 1 << 28 });
    if (done.status !== 0) throw new Error(`${program} ${words.join(' ')} exits with ${done.status}: ${done.stderr}`);
    return done.stdout;
  }

  /** The lines that `nix-store WORDS…` prints. */
  lines(...words: readonly string[]): string[] {
    return linesOf(this.run('nix-store', words));
  }

  facts(path: string): ItemFacts {
    const [hash = ''] = this.lines('--query', '--hash', path);
    const [size] = this.lines('--query', '--size', path);
    return { hash, size: Number(size), references: this.lines('--query', '--references', path).sort() };
  }
}

/** The lines of what a program printed. */
export function linesOf(printed: Uint8Array | string): string[] {
  return String(Buffer.from(printed)).split('\n').filter(Boolean);
}
