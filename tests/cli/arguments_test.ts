/**
 * The command line: what is wrong with it is said in one line with the way
 * out, ends with 2, and nothing was done.
 */

import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { test } from "../harness.ts";
import { run } from "./support.ts";

const REFUSED: readonly (readonly [line: string, text: RegExp])[] = [
  ["conect x:1", /no command conect; did you mean connect\?\nSee anysock --h/],
  ["frobnicate", /no command frobnicate; there are connect, listen, echo/],
  ["connect", /connect takes HOST:PORT; none was given\nSee anysock connect/],
  ["connect a b c", /connect takes HOST:PORT; there are 3: a b c/],
  ["connect x:1 --timout 3", /no option --timout; did you mean --timeout\?/],
  ["connect x:1 --wait", /no option --wait\n/],
  ["connect x:1 -z", /connect has no option -z/],
  ["connect x:1 --timeout", /--timeout needs a value: --timeout MS/],
  ["connect x:1 -w", /-w needs a value: -w MS/],
  ["connect x:1 --timeout --tls", /--timeout needs a value: --timeout MS/],
  ["connect x:1 --timeout=", /--timeout needs a value/],
  ["connect x:1 --timeout soon", /500, 500ms, 2s or 1m: "soon"/],
  ["connect x:1 --timeout 0", /--timeout is a time .*: "0"/],
  ["connect x:1 --tls=yes", /--tls takes no value: "yes"/],
  [
    "connect x:1 --starttls imap",
    /--starttls is one of postgres, smtp: "imap"/,
  ],
  ["connect x:1 --frame u33", /--frame is one of lines, crlf.*fixed:N: "u33"/],
  ["connect x:1 --frame fixed:0", /--frame fixed: .*size/],
  ["connect x:1 --ca roots.pem", /--ca goes with --tls/],
  ["connect x:1 --tls --cert /nowhere --key k", /--cert names a file/],
  ["connect x:1 --udp --tls", /--tls does not go with --udp/],
  ["connect unix:/x --udp", /--udp takes HOST:PORT/],
  ["connect localhost", /needs a port, such as "localhost:80"/],
  ["connect http://x:1", /no scheme: "x:1", not "http:\/\/x:1"/],
  ["connect ::1:80", /brackets, such as "\[::1\]:80"/],
  ["connect x:99999", /port/],
  ["listen", /listen takes \[HOST:\]PORT/],
  ["echo 0 --udp --unix", /--unix does not go with --udp/],
  ["proxy 0", /proxy takes FROM TO; there are 1: 0/],
  ["proxy 0 x:1 --loss 0.1", /--loss goes with --udp/],
  ["proxy 0 x:1 --udp --reset-at 1", /--reset-at does not go with --udp/],
  ["proxy 0 x:1 --udp --loss 1.1", /--loss is from 0 .never. to 1 .*: "1.1"/],
  ["proxy 0 x:1 --latency 9..5", /--latency is a time such as .*: "9..5"/],
  ["proxy 0 x:1 --chunks 0..5", /--chunks is whole numbers from 1.*: "0..5"/],
  ["proxy 0 x:1 --clients shut", /--clients is one of reset, silent: "shut"/],
  ["proxy 0 x:1 --clients reset --way down", /clients is a rule of the way up/],
  ["proxy 0 x:1 --hex --latency 5", /--hex does not go with --latency/],
  ["proxy 0 x:1 --seed x", /--seed is a whole number: "x"/],
  ["proxy 0 unix:/x --udp", /--udp takes HOST:PORT/],
  ["bench x:1 -c 0", /--connections is a whole number from 1 on: "0"/],
  ["bench x:1 --count 1.5", /--count is a whole number from 1 on: "1.5"/],
  ["doctor now", /doctor takes no arguments; there are 1: now/],
  ["matrix --runtime cobol", /--runtime is of deno, bun, node: "cobol"/],
  ["matrix --bytes=-1", /--bytes is a whole number: "-1"/],
  ["completions tcsh", /completions are for bash, fish, zsh|bash, zsh, fish/],
];

for (const [line, expected] of REFUSED) {
  test(`anysock ${line} ends with 2 and says why`, async () => {
    const { code, output, errors } = await run(line.split(" "));
    assert.match(errors, expected);
    assert.match(errors, /^anysock: .*\nSee anysock .*--help\n$/);
    assert.deepEqual([code, output], [2, ""]);
  });
}

test("anysock without a command shows the help as a complaint", async () => {
  const { code, output, errors } = await run([]);
  assert.deepEqual([code, output], [2, ""]);
  for (const { name } of COMMANDS) assert.match(errors, new RegExp(name));
});

test("the help of each command teaches by examples that are read", async () => {
  for (const command of COMMANDS) {
    const asked = await run([command.name, "--help"]);
    const told = await run(["help", command.name]);
    assert.deepEqual(asked, told);
    assert.equal(asked.code, 0);
    assert.ok(command.examples.length > 0);
    for (const name of Object.keys(command.options)) {
      assert.match(asked.output, new RegExp(`--${name}\\b`));
    }
    for (const line of asked.output.split("\n")) {
      assert.ok(line.length <= 80, `${line.length} columns: ${line}`);
    }
  }
});

test("anysock --version tells the version of the package", async () => {
  const { code, output } = await run(["--version"]);
  assert.match(output, /^anysock \d+\.\d+\.\d+\n$/);
  assert.equal(code, 0);
});

test("colours are for terminals", async () => {
  const seen = await run(["--help"], { isTerminal: true });
  const piped = await run(["--help"]);
  assert.ok(seen.output.includes("\x1b[1m"));
  assert.ok(!piped.output.includes("\x1b"));
});
