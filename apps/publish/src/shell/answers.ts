/** From wishes to answers. */
import { readFile } from 'node:fs/promises';
import { indexPage } from '../core/page.ts';
import type { Wish } from '../core/route.ts';
import { type Answer, type Conditions, lifetime, textAnswer } from './answer.ts';
import { isErrno } from './errno.ts';
import { fileAnswer } from './file-answers.ts';
import { logAnswer } from './log-answers.ts';
import { narAnswer } from './nar-answers.ts';
import { narinfoAnswer } from './narinfo-answers.ts';
import type { Site } from './site.ts';

/** The answer to what was asked for; that it is not there is one. */
export async function answer(site: Site, wish: Wish | undefined, conditions: Conditions): Promise<Answer> {
  const found = wish === undefined ? undefined : await find(site, wish, conditions);
  return found ?? textAnswer(404, 'there is no such thing here\n', lifetime(site.options.negativeTtl));
}

async function find(site: Site, wish: Wish, conditions: Conditions): Promise<Answer | undefined> {
  const { directories, priority } = site.options;
  switch (wish.kind) {
    case 'cache-info':
      return textAnswer(200, `StoreDir: ${directories.store}\nWantMassQuery: 1\nPriority: ${priority}\n`);
    case 'index':
      return {
        status: 200,
        headers: { 'content-type': 'text/html;charset=UTF-8' },
        body: indexPage(directories.store),
      };
    case 'signing-key':
      return signingKey(directories.configuration);
    case 'narinfo':
      return narinfoAnswer(site, wish.hashPart);
    case 'log':
      return logAnswer(site, wish.path, conditions);
    case 'file':
      return fileAnswer(site, wish);
    case 'nar':
      return nar(site, wish, conditions);
  }
}

async function nar(site: Site, wish: Wish & { kind: 'nar' }, conditions: Conditions): Promise<Answer | undefined> {
  const choice = site.options.choices.find(({ compression }) => compression === wish.compression);
  if (choice === undefined) return undefined;
  const { infos } = await site.store.call('queryPathInfos', { paths: [wish.path] });
  const [info] = infos;
  return info ? narAnswer(site, { info, choice }, conditions) : undefined;
}

async function signingKey(directory: string): Promise<Answer | undefined> {
  try {
    return textAnswer(200, await readFile(`${directory}/signing-key.pub`, 'latin1'));
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EACCES')) return undefined;
    throw error;
  }
}
