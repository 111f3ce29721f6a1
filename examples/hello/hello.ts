/**
 * Hello in four derivations: a library, a program that is linked with it, the check that the program says what it should,
 * and a bundle of all. `cooper build --file hello.ts` builds it with the compiler of this machine.
 */
import { derivation, source, type Value } from '@cooper/recipe';
import { findHostTools } from './host-tools.ts';

const tools = findHostTools(['sh', 'cc', 'ar', 'cat', 'cmp', 'cp', 'ln', 'mkdir']);

/** What builds are shown of this machine besides their inputs: its compiler. */
export const sandboxPaths = tools.sandboxPaths;

const greeting = shell({
  name: 'greeting-1.0',
  outputs: ['out', 'dev'],
  env: { source: source('greeting') },
  script: `
    mkdir -p $out/lib $dev/include
    echo "compiling the library"
    cc -O2 -Wall -c $source/greeting.c -o greeting.o
    ar rcsD $out/lib/libgreeting.a greeting.o
    cp $source/greeting.h $dev/include/`,
});

const hello = shell({
  name: 'hello-1.0',
  env: { source: source('hello') },
  script: `
    mkdir -p $out/bin
    echo "compiling and linking the program"
    cc -O2 -Wall -I${greeting.dev}/include $source/hello.c -L${greeting.out}/lib -lgreeting -o $out/bin/hello`,
});

const check = shell({
  name: 'hello-check',
  env: { expected: source('expected.txt') },
  script: `
    { ${hello}/bin/hello; ${hello}/bin/hello --times 2 Cooper; } > said.txt
    cat said.txt
    if ${hello}/bin/hello --times many; then echo "a bad option was taken"; exit 1; fi
    cmp said.txt $expected
    cp said.txt $out`,
});

const bundle = shell({
  name: 'hello-bundle',
  script: `
    mkdir -p $out/lib
    ln -s ${hello}/bin $out/bin
    ln -s ${greeting.dev}/include $out/include
    cp ${greeting.out}/lib/libgreeting.a $out/lib/
    cp ${check} $out/what-it-says.txt
    echo "hello 1.0: a program, a library and its header" > $out/manifest
    echo "the bundle is complete"`,
});

export default bundle;

interface ShellBuild<Outputs extends string> {
  readonly name: string;
  readonly outputs?: readonly Outputs[];
  readonly env?: Readonly<Record<string, Value>>;
  /** What is interpolated into it becomes an input. */
  readonly script: string;
}

/** A derivation whose builder is a shell script that stops at the first error. */
function shell<const Outputs extends string = 'out'>({ name, outputs, env, script }: ShellBuild<Outputs>) {
  return derivation<Outputs>({
    name,
    builder: '/bin/sh',
    args: ['-euc', script],
    env: { PATH: tools.PATH, ...env },
    ...(outputs && { outputs }),
  });
}
