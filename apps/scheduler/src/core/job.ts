/** From a derivation to a job: everything about a build is decided here, and nothing later. */
import { toBytes, toText } from '@cooper/byte-string';
import type { Job, Preparation } from '@cooper/contracts';
import { type Derivation, isFixedOutput, parseHashMethod } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import type { Attributes } from './attributes.ts';
import type { EngineSettings } from './engine.ts';
import { makeEnvironment } from './environment.ts';
import type { BuildOptions } from './goal.ts';

interface Decision {
  readonly derivation: Derivation;
  readonly attributes: Attributes;
  readonly preparation: Extract<Preparation, { status: 'prepared' }>;
  readonly path: StorePath;
  readonly options: BuildOptions;
  readonly settings: EngineSettings;
}

/** The job that builds `derivation`. Pure: the same decision gives the same job. */
export function makeJob({ derivation, attributes, preparation, path, options, settings }: Decision): Job {
  return {
    derivation: path,
    mode: options.mode,
    system: toText(derivation.system),
    builder: toBytes(derivation.builder),
    args: derivation.args.map(toBytes),
    ...makeEnvironment({ derivation, attributes, cores: options.cores, settings }),
    files: [],
    inputs: preparation.inputs,
    outputs: preparation.missing,
    directory: preparation.directory,
    sandbox: options.sandbox,
    sandboxPaths: options.sandboxPaths,
    network: isFixedOutput(derivation) ? 'host' : 'private',
    ...fixedContents(derivation),
    ...(options.downloadTrace === undefined ? {} : { downloadTrace: options.downloadTrace }),
    impersonateLinux26: settings.impersonateLinux26,
    limits: options.limits,
    log: settings.log,
    keepFailed: options.keepFailed,
    ...(options.client === undefined ? {} : { client: options.client }),
    features: attributes.list('requiredSystemFeatures'),
    preferLocal: attributes.flag('preferLocalBuild'),
  };
}

function fixedContents({ outputs }: Derivation): Pick<Job, 'fixedContents'> {
  const { hashAlgo, hash } = outputs.get('out') ?? { hashAlgo: '', hash: '' };
  if (hash === '' || outputs.size !== 1) return {};
  const { recursive, algorithm } = parseHashMethod(hashAlgo);
  return { fixedContents: { hash: `${algorithm}:${hash}`, recursive } };
}
