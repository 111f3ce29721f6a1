/** A build that takes no time and needs nothing but itself, to see whether a machine does builds. */
import { fromText } from '@cooper/byte-string';
import {
  completeDerivation,
  computeDerivationPath,
  type Derivation,
  derivationReferences,
  HashModulo,
  printDerivation,
} from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';

/** The systems for which there is a program. */
export const trialSystems: readonly string[] = ['x86_64-linux'];

/**
 * A program for Linux on x86_64, 225 bytes with its ELF header. It finds the variable `out`, writes `built` to the file of
 * that name and to its standard output, and exits with 0; without the variable, with 1:
 *
 *     mov (%rsp),%rcx; lea 16(%rsp,%rcx,8),%rbx
 *     next: mov (%rbx),%rdi; test %rdi,%rdi; jz fail; add $8,%rbx; cmpl $0x3d74756f,(%rdi); jne next
 *     add $4,%rdi; mov $0x41,%esi; mov $0644,%edx; mov $2,%eax; syscall            # open
 *     mov %eax,%edi; lea msg(%rip),%rsi; mov $6,%edx; mov $1,%eax; syscall         # write
 *     mov $1,%edi; mov $1,%eax; syscall; xor %edi,%edi; jmp end                    # write
 *     fail: mov $1,%edi
 *     end: mov $60,%eax; syscall                                                   # exit
 *     msg: .ascii "built\n"
 */
export const trialProgram: string =
  'f0VMRgIBAQAAAAAAAAAAAAIAPgABAAAAeABAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAEAAOAABAAAAAAAAAAEAAAAFAAAAAAAAAAAAAAAAAEAAAAAA' +
  'AAAAQAAAAAAA4QAAAAAAAADhAAAAAAAAAAAQAAAAAAAASIsMJEiNXMwQSIs7SIX/dEZIg8MIgT9vdXQ9dexIg8cEvkEAAAC6pAEAALgCAAAADwWJx0iN' +
  'NSgAAAC6BgAAALgBAAAADwW/AQAAALgBAAAADwUx/+sFvwEAAAC4PAAAAA8FYnVpbHQK';

export interface Trial {
  readonly path: StorePath;
  readonly derivation: Derivation;
  readonly text: { readonly name: string; readonly contents: Uint8Array; readonly references: readonly StorePath[] };
}

/** The derivation that runs `program`. `salt` makes it one that nobody has built. */
export function makeTrial(storeDir: string, program: StorePath, salt: string): Trial {
  const name = 'cooper-trial';
  const draft = {
    outputs: new Map([['out', { hashAlgo: '', hash: '' }]]),
    inputDerivations: new Map<StorePath, readonly string[]>(),
    inputSources: [program],
    system: fromText('x86_64-linux'),
    builder: fromText(program),
    args: [],
    env: new Map([
      [fromText('out'), fromText('')],
      [fromText('salt'), fromText(salt)],
    ]),
  };
  const noInputs = new HashModulo(() => {
    throw new Error('the trial has no inputs');
  });
  const derivation = completeDerivation({ storeDir, name, derivation: draft, hashModulo: noInputs });
  const text = {
    name: `${name}.drv`,
    contents: printDerivation(derivation),
    references: derivationReferences(derivation),
  };
  return { path: computeDerivationPath(storeDir, name, derivation), derivation, text };
}
