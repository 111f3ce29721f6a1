/** `cooper cancel`, `cooper attach` and `cooper watch`, on builds that another command has asked for. */
import { mkdirSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { listen, TemporaryCooper, until } from './temporary-cooper.ts';

const cooper = new TemporaryCooper();
t.teardown(() => cooper.remove());

/** The number of the only request that is under way. */
async function onlyRequest(): Promise<string> {
  const { stdout } = await cooper.run('ps', '--json');
  const { requests } = JSON.parse(stdout) as { requests: readonly { request: number }[] };
  if (requests.length !== 1) throw new Error(`there are ${requests.length} requests`);
  return `${requests[0]?.request}`;
}

/** In ms: a whole table is started before a build runs. */
const patience = 40_000;

t.test('another command can take a request back', async (t) => {
  const recipe = cooper.recipe(`export default shell('unwanted', 'echo begun; sleep 600; echo > $out');`);
  const build = cooper.start('build', '-f', recipe);
  const said = listen(build);
  await until(() => said().includes('> begun'), 'the build runs', patience);
  const request = await onlyRequest();
  const cancel = await cooper.run('cancel', request);
  t.equal(cancel.status, 0, cancel.stderr);
  const { status, stderr } = await build.ended;
  t.equal(status, 1);
  t.match(stderr, /the request was cancelled/);
  t.equal((await cooper.run('cancel', '4711')).status, 1);
  t.match((await cooper.run('cancel', 'that one')).stderr, /no number of a request/);
});

t.test('a detached request goes on, and can be followed to its end', async (t) => {
  // Shown to the build, which waits for a file in it.
  const shared = `${cooper.directory}/shared`;
  mkdirSync(shared);
  const go = `${shared}/go`;
  const script = `echo begun; while [ ! -e ${go} ]; do sleep 0.1; done; echo gone on; echo > $out`;
  const recipe = cooper.recipe(`export default shell('patient', '${script}');`);
  const build = cooper.start('build', '-f', recipe, '--detach', '--sandbox-path', shared);
  const said = listen(build);
  await until(() => said().includes('> begun'), 'the build runs', patience);
  const request = await onlyRequest();
  const attached = cooper.start('attach', request);
  const watching = cooper.start('watch');
  const watched = listen(watching);
  await until(() => watched().includes('patient'), 'the watcher sees it', patience);
  build.process.kill('SIGINT');
  await build.ended;
  writeFileSync(go, '');
  const { status, stdout, stderr } = await attached.ended;
  t.equal(status, 0, stderr);
  t.match(stdout, /-patient\n$/);
  t.match(stderr, /gone on/);
  watching.process.kill('SIGINT');
  const { signal } = await watching.ended;
  t.equal(signal, 'SIGINT');
});
