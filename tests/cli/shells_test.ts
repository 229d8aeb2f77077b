/** What the shells are told, by the shells themselves where they are here. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { COMMANDS } from "../../cli/commands.ts";
import { test } from "../harness.ts";
import { hasProgram } from "../runtimes.ts";
import { run } from "./support.ts";

async function completions(shell: string): Promise<string> {
  return (await run(["completions", shell])).output;
}

/** What bash offers behind a line. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `${await completions("bash")}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
COMP_CWORD=${words.length - 1}
_anysock
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", script], {
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout.trim().split("\n");
}

test("bash completes commands, options and their values", async () => {
  assert.deepEqual(await offered("anysock", "con"), ["connect", "conformance"]);
  assert.deepEqual(await offered("anysock", "connect", "--st"), ["--starttls"]);
  assert.deepEqual(
    await offered("anysock", "connect", "--starttls", ""),
    ["postgres", "smtp"],
  );
  assert.deepEqual(
    await offered("anysock", "bench", "-f", "u1"),
    ["u16", "u16le"],
  );
  assert.deepEqual(
    await offered("anysock", "completions", "f"),
    ["fish"],
  );
}, { skip: !hasProgram("bash") && "bash is not installed" });

test("zsh and fish are told every command and option", async () => {
  const zsh = await completions("zsh");
  const fish = await completions("fish");
  for (const { name, options } of COMMANDS) {
    assert.ok(zsh.includes(`${name}) _arguments`), name);
    assert.match(fish, new RegExp(`-a ${name} -d `));
    for (const option of Object.keys(options)) {
      assert.ok(zsh.includes(`'--${option}[`), option);
      assert.match(fish, new RegExp(`from ${name}' -l ${option}\\b`));
    }
  }
});

for (const shell of ["zsh", "fish"]) {
  test(`${shell} reads its completions`, async () => {
    const input = await completions(shell);
    const { status, stderr } = spawnSync(shell, ["-n"], { input });
    assert.deepEqual([status, String(stderr)], [0, ""]);
  }, { skip: !hasProgram(shell) && `${shell} is not installed` });
}
