/**
 * How each documented command is played: the text in the documents, and what a shell runs for it, with its placeholders filled
 * in. The scripts run one after the other in one directory, where `recipe.ts` is the recipe of README.md, `$DRV` its derivation
 * and `$OUT` what that makes. A script fails with its first command that does.
 */

/** `await` waits until a command succeeds, a minute at most; `stop` ends a process that must take that well. */
export const prelude = `
set -eu
await() { tries=0; until eval "$1"; do tries=$((tries + 1)); [ $tries -lt 600 ] || { echo "in vain: $1" >&2; exit 1; }; sleep 0.1; done; }
stop() { kill "$1"; wait "$1"; }
`;

const slow = 'cooper build --detach --file slow.ts > detached 2>&1 &';
/** The number of the request that builds `slow`, once it is there. */
const number = `await 'cooper ps | grep -q "slow.drv .*builder"'; number=$(cooper ps | sed -n 's/^\\([0-9]\\{1,\\}\\) .*slow.drv$/\\1/p')`;
const ended = 'wait $! && exit 1; grep -q "the request was cancelled" detached';
const server =
  "cooper serve --listen 127.0.0.1:0 --cache cache > served 2>&1 & server=$!; await 'grep -q http: served'";
const url = 'url=$(grep -o "http://[^ ]*" served)';
const withPython = 'command -v python3 > /dev/null || exit 0; cd "$CHECKOUT"';

export const played: Readonly<Record<string, string>> = {
  'build --file recipe.ts': '[ "$(cooper build --file recipe.ts)" = "$OUT" ]; [ "$(cat "$OUT")" = HELLO ]',
  'build --dry-run --file recipe.ts': 'cooper build --dry-run --file recipe.ts 2>&1 | grep "nothing would be built"',
  'build /gnu/store/…-hello.drv': '[ "$(cooper build "$DRV")" = "$OUT" ]',
  "build '/gnu/store/…-hello.drv!doc'": '[ "$(cooper build "$DRV!out")" = "$OUT" ]',
  'build --keep-going --keep-failed …': 'cooper build --keep-going --keep-failed "$DRV"',
  'build --json …': 'cooper build --json "$DRV" | grep \'"event":"result"\'',
  'build --root LINK …': 'cooper build --root link "$DRV"; [ "$(readlink link)" = "$OUT" ]',
  'build --detach …': `${slow} ${number}; cooper cancel "$number"; ${ended}`,
  'cancel NUMBER': `${slow} ${number}; cooper cancel "$number"; ${ended}`,
  'attach NUMBER': `${slow} ${number}; cooper attach "$number" > attached 2>&1 & follower=$!
    await 'grep -q tick attached'; cooper cancel "$number"
    wait $follower && exit 1; grep "the request was cancelled" attached`,
  watch: `${slow} ${number}; cooper watch > watched 2>&1 & watcher=$!
    await 'grep -q tick watched || grep -q slow.drv watched'; kill $watcher; wait $watcher || [ $? -gt 128 ]; cooper cancel "$number"; wait`,
  ps: 'await \'cooper ps 2>&1 | grep -q "no processes run"\'',
  'log --follow /gnu/store/…-hello.drv': 'cooper log --follow "$DRV"',
  'log --follow DRV': 'cooper log --follow "$DRV"',
  'store add FILE': 'cooper store add greeting.txt | grep -- "-greeting.txt$"',
  'store query --references PATH': `cooper store query --references "$DRV" | grep greeting.txt
    for question in referrers requisites deriver hash size valid; do cooper store query --$question "$OUT"; done
    [ "$(cooper store query --outputs "$DRV")" = "$OUT" ]`,
  'key generate': 'cooper key generate; [ -s "$CONFIGURATION/signing-key.pub" ]',
  'key generate --nix NAME': 'cooper key generate --nix mine; [ -s "$CONFIGURATION/nix-signing-key.pub" ]',
  'authorize signing-key.pub': 'cooper authorize "$CONFIGURATION/signing-key.pub"; [ -s "$CONFIGURATION/acl" ]',
  authorize: 'cooper authorize < "$CONFIGURATION/signing-key.pub"',
  'store export PATH… > items': 'cooper store export "$OUT" > items; [ -s items ]',
  'store import --allow-unsigned < items': '[ "$(cooper store import --allow-unsigned < items)" = "$OUT" ]',
  'serve --listen 0.0.0.0:8080 --cache DIR': `${server}; stop $server`,
  'weather PATH…': `${server}; ${url}; cooper weather "$OUT" --substitute-urls "$url" | grep "unpacked  $url"; stop $server`,
  'build --substitute-urls http://MACHINE:8080 …': `${server}; ${url}; cooper build --substitute-urls "$url" "$OUT"; stop $server`,
  'derivation show PATH': 'cooper derivation show "$DRV" > it.json',
  'derivation add < it.json': '[ "$(cooper derivation add < it.json)" = "$DRV" ]',
  'call store queryPathInfos \'{"paths": […]}\'': `cooper call store queryPathInfos "{\\"paths\\": [\\"$OUT\\"]}" | grep '"narSize":120'`,
  'call CONTRACT METHOD JSON -- COMMAND…': `cooper call substitute query '{"paths":[]}' -- "$CHECKOUT/apps/substitute/bin/cooper-substitute"`,
  'call substitute query \'{"paths":[]}\' -- COMMAND': `cooper call substitute query '{"paths":[]}' -- "$CHECKOUT/apps/substitute/bin/cooper-substitute" | grep '{"infos":\\[\\]}'`,
  'roots add LINK': 'cooper roots add link',
  roots: 'cooper roots | grep "/link -> $OUT"',
  'why FROM TO': 'cooper why "$DRV" "$(cooper store query --references "$DRV" | head -1)"',
  'size PATH…': 'cooper size "$OUT" | grep "in 1 item"; cooper size "$OUT" --svg size.svg; grep "<svg" size.svg',
  'store diff OLD NEW': 'cooper store diff "$OUT" "$OUT"',
  'store verify --contents':
    'cooper store verify --contents; cooper store repair; cooper store optimise; cooper store vacuum',
  'store verify': 'cooper store verify',
  'gc --print-dead':
    'cooper gc --print-dead; cooper gc --max-freed 10G; dead=$(cooper store add dead.txt); await \'cooper gc --delete "$dead"\'',
  gc: 'cooper gc; [ -e "$OUT" ]',
  remote: 'cooper remote < /dev/null',
  'daemon --help': 'cooper daemon --help | grep -- --build-users-group',
  'daemon --disable-chroot': `cooper daemon --disable-chroot & daemon=$!
    await '[ -S "$GUIX_STATE_DIRECTORY/daemon-socket/socket" ]'; stop $daemon`,
  "build --substitute-agent='/opt/my-substituter DIR' …":
    'cooper build --substitute-agent="$PWD/agents/directory_substituter.py $PWD" --build-agent=/bin/true "$DRV"',
  'conformance CONTRACT -- COMMAND…':
    'cooper conformance launcher --only=runs-the-builder -- "$CHECKOUT/native/launcher/build/launcher"',
  'conformance substitute -- ./my-substituter {cache}': `${withPython}; cd "$HOME/.."
    ln -s agents/directory_substituter.py my-substituter; cooper conformance substitute --only=delivers -- ./my-substituter {cache}`,
  "conformance substitute -- python3 examples/python-agents/directory_substituter.py '{cache}'": `${withPython}
    cooper conformance substitute --only=delivers -- python3 examples/python-agents/directory_substituter.py '{cache}'`,
  "conformance build-agent -- python3 examples/python-agents/batch_build_agent.py '{state}'": `${withPython}
    cooper conformance build-agent --only=builds -- python3 examples/python-agents/batch_build_agent.py '{state}'`,
  "conformance substitute -- node_modules/.bin/node examples/node-agents/substituter.ts '{cache}'": `cd "$CHECKOUT"
    cooper conformance substitute --only=delivers -- node_modules/.bin/node examples/node-agents/substituter.ts '{cache}'`,
  'build --file examples/hello/hello.ts --store-dir /tmp/store --state-dir /tmp/state':
    'cooper build --file "$CHECKOUT/examples/hello/hello.ts" --store-dir "$PWD/hello/store" --state-dir "$PWD/hello/state"',
};

/** Commands that a temporary directory has no room for, and why. */
export const elsewhere: Readonly<Record<string, string>> = {
  'daemon --build-users-group=guixbuild':
    'needs a group of build users: test/functional/builder/build-users.root.test.ts',
  machines: 'needs another machine: test/functional/offload/machines.root.test.ts',
  'machines check': 'needs another machine: test/functional/offload/machines.root.test.ts',
};

/** Names of commands, in sentences about them: they want arguments. */
export const names: readonly string[] = [
  ...['build', 'build --file', 'call', 'conformance', 'daemon', 'derivation show', 'log', 'serve'],
];
