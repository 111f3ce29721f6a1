/** The page of one contract, in Markdown: what a person needs to implement either side of it. */
import type { Contract, Method, Schema, SchemaNode } from '@cooper/contracts';
import { exampleSection } from './call-example.ts';
import { errorSection } from './error-section.ts';
import { commentsOn, commentsOnVariants } from './field-comments.ts';
import { inWords } from './json-schema.ts';

/** The Markdown page of `contract`. */
export function contractPage(contract: Contract): string {
  const calls = Object.entries(contract.methods).flatMap(([name, method]) => [
    ...callSection(name, method),
    ...exampleSection(contract, name),
  ]);
  return [
    `# The ${contract.name} contract, version ${contract.version}`,
    '',
    contract.about,
    '',
    'Generated from `libs/contracts` by `npm run docs`; framing, handshake, streams, and the errors that any call may answer with, are in [README.md](README.md).',
    `The same as JSON Schema, with the examples byte by byte: [${contract.name}.json](${contract.name}.json).`,
    '',
    ...calls,
    ...errorSection(Object.values(contract.methods)),
  ].join('\n');
}

function callSection(name: string, method: Method): string[] {
  return [
    `## ${name}`,
    '',
    method.about,
    '',
    ...part('Parameters', method.params),
    ...(method.item === undefined ? [] : part('Streamed items', method.item)),
    ...part('Answer', method.result),
    ...(method.errors.length === 0 ? [] : [`Errors: ${method.errors.map((code) => `\`${code}\``).join(', ')}.`, '']),
  ];
}

function part(title: string, schema: Schema): string[] {
  const rows = tableRows(schema, '');
  if (rows.length === 0) return [`${title}: none.`, ''];
  return [`${title}:`, '', '| field | type | |', '|---|---|---|', ...rows, ''];
}

/** A row for each field, those of inner records below their own: `outputs[].name`. */
function tableRows({ node }: Schema, prefix: string): string[] {
  if (node.kind === 'record') return recordRows(node, prefix);
  if (node.kind === 'union') return unionRows(node, prefix);
  if (node.kind === 'list') return tableRows(node.of, `${prefix.replace(/\.$/, '')}[].`);
  return node.kind === 'nullable' ? tableRows(node.of, prefix) : [];
}

function recordRows(node: Extract<SchemaNode, { kind: 'record' }>, prefix: string): string[] {
  const comments = commentsOn(node);
  return [...node.fields].flatMap(([name, { schema, optional }]) => {
    const said = [...(optional ? ['optional'] : []), ...asList(comments.get(name))].join('. ');
    return [`| \`${prefix}${name}\` | ${inWords(schema)} | ${said} |`, ...tableRows(schema, `${prefix}${name}.`)];
  });
}

function unionRows(node: Extract<SchemaNode, { kind: 'union' }>, prefix: string): string[] {
  const comments = commentsOnVariants(node);
  return [...node.variants].flatMap(([word, variant]) => [
    `| \`${prefix}${node.tag}\` | \`${word}\` | ${asList(comments.get(word)).join('')} |`,
    ...tableRows(variant, prefix),
  ]);
}

function asList(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text.replaceAll('|', '\\|')];
}
