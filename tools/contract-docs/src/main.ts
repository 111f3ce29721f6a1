/**
 * Writes docs/protocols/<contract>.{md,json} from the contracts, and docs/configuration.md from the settings. With
 * `--check` it writes nothing, names the pages that are stale, and exits with 1 if there are any.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { configurationPage } from '@cooper/config';
import { type Contract, contracts, type Schema } from '@cooper/contracts';
import { machinesDocument } from '@cooper/machines';
import { exampleVectors } from './call-example.ts';
import { toJsonSchema } from './json-schema.ts';
import { contractPage } from './page.ts';

const folder = new URL('../../../docs/', import.meta.url);
const generated = [
  ...contracts.flatMap(pages),
  ['configuration.md', configurationPage()] as const,
  ['protocols/machines-file.json', `${JSON.stringify(fileSchema(machinesDocument), null, 1)}\n`] as const,
];
const stale = generated.filter(([name, text]) => read(name) !== text);
if (process.argv.includes('--check')) {
  for (const [name] of stale) console.error(`docs/${name} is stale: run \`npm run docs'`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [name, text] of stale) writeFileSync(new URL(name, folder), text);
}

function pages(contract: Contract): [name: string, text: string][] {
  return [
    [`protocols/${contract.name}.md`, contractPage(contract)],
    [`protocols/${contract.name}.json`, `${JSON.stringify(contractSchema(contract), null, 1)}\n`],
  ];
}

function contractSchema(contract: Contract): object {
  const { name, version, about, methods } = contract;
  const calls = Object.entries(methods).map(([call, method]) => {
    const { params, result, item, errors } = method;
    const streamed = item === undefined ? {} : { item: toJsonSchema(item) };
    return [
      call,
      {
        about: method.about,
        params: toJsonSchema(params),
        ...streamed,
        result: toJsonSchema(result),
        errors,
        example: exampleVectors(contract, call),
      },
    ];
  });
  return { contract: name, version, about, methods: Object.fromEntries(calls) };
}

/** Files that people write: editors check them as they are written. */
function fileSchema(document: Schema): object {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...toJsonSchema(document) };
}

function read(name: string): string | undefined {
  try {
    return readFileSync(new URL(name, folder), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
