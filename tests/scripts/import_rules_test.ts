import assert from "node:assert/strict";
import {
  breachesIn,
  filesImportedBy,
  findCycles,
} from "../../scripts/import_rules.ts";
import { importsOf, readSource } from "../../scripts/source_text.ts";
import { test } from "../harness.ts";

interface Case {
  readonly file: string;
  readonly text: string;
  /** The breaches as `line: rule`; none where the text is fine. */
  readonly breaches?: readonly string[];
}

const cases: readonly Case[] = [
  {
    file: "src/socket/socket.ts",
    text: `import type { Runtime } from "../runtime/seam/runtime.ts";
import { currentRuntime } from "../runtime/detect.ts";
import { socketError } from "../errors.ts";
import { PendingCall } from "./pending_call.ts";`,
  },
  {
    file: "src/socket/socket.ts",
    text: `import { a } from "../errors.ts";
import {
  denoRuntime,
} from "../runtime/deno.ts";`,
    breaches: ["4: socket may not import drivers (src/runtime/deno.ts)"],
  },
  {
    file: "src/socket/adopt.ts",
    text: `import { adoptDenoConn } from "../runtime/deno.ts";
import { StreamSocket } from "./stream_socket.ts";
import { lines } from "../framing/mod.ts";`,
    breaches: ["3: adopt may not import framing (src/framing/mod.ts)"],
  },
  {
    file: "src/framing/codecs/lines.ts",
    text: `import type { Socket } from "../../socket/socket.ts";`,
    breaches: ["1: framing may not import socket (src/socket/socket.ts)"],
  },
  {
    file: "src/polling/select.ts",
    text: `export { liveHandles } from "../testing/mod.ts";`,
    breaches: ["1: polling may not import testing (src/testing/mod.ts)"],
  },
  {
    file: "src/errors.ts",
    text: `const late = () => import("./socket/socket.ts");`,
    breaches: ["1: ground may not import socket (src/socket/socket.ts)"],
  },
  {
    file: "src/errors.ts",
    text: `import "left-pad";`,
    breaches: ['1: src has no dependency, no "left-pad"'],
  },
  {
    file: "src/clock.ts",
    text: `import { test } from "../tests/harness.ts";`,
    breaches: ["1: ground may not import tests/harness.ts"],
  },
  {
    file: "src/clock.ts",
    text: `/* Deno */ // Bun, process, "node:net"
const text = "Deno" + 'process' + \`Bun\`;
const pattern = /Deno['"]/;
const own = child.process + child?.process + $process;`,
  },
  {
    file: "src/clock.ts",
    text: `const a = Deno.build;
const b = globalThis.Bun;
const c = globalThis?.process;
const d = { process };
const e = \`\${process.pid}\`;
const f = get("node:net");`,
    breaches: [
      "1: only a driver may name Deno",
      "4: only a driver may name process",
      "5: only a driver may name process",
      "2: only a driver may name Bun",
      "3: only a driver may name process",
      "6: only a driver may name node:net",
    ],
  },
  {
    file: "src/runtime/memory.ts",
    text: "const now = process.hrtime();",
    breaches: ["1: only a driver may name process"],
  },
  ...["node.ts", "node/stream.ts", "deno.ts", "bun.ts", "platform.ts"].map(
    (name) => ({
      file: `src/runtime/${name}`,
      text: `const net = process.getBuiltinModule("node:net");`,
    }),
  ),
  {
    file: "mod.ts",
    text: `/** The story. */
export * from "./src/constants.ts";
export type { Bytes } from "./src/contracts.ts";
export {
  connect,
} from "./src/socket/connect.ts";
export * as names from "./src/names/mod.ts";`,
  },
  {
    file: "mod.ts",
    text: `export { a } from "./src/errors.ts";
import { b } from "./src/errors.ts";
export const c = b;`,
    breaches: ["2: a mod.ts only re-exports", "3: a mod.ts only re-exports"],
  },
  {
    file: "examples/echo.ts",
    text: `import { connect } from "anysock";
import { lines } from "anysock/framing";
import { readFileSync } from "node:fs";
import { socketError } from "../src/errors.ts";`,
    breaches: ["4: examples import the package by its name, not src/errors.ts"],
  },
  {
    file: "cli/commands/echo.ts",
    text: `import { connect } from "../../mod.ts";
import { serve } from "../../src/server/mod.ts";
import process from "node:process";
import { line } from "../io.ts";
import { socketError } from "../../src/errors.ts";
import { x } from "left-pad";`,
    breaches: [
      "5: the program may not import src/errors.ts",
      '6: the program has no dependency, no "left-pad"',
    ],
  },
];

cases.forEach(({ file, text, breaches = [] }, i) => {
  const what = breaches[0] ?? "finds nothing wrong";
  test(`import rules in ${file}, case ${i}: ${what}`, () => {
    const found = breachesIn(file, text);
    assert.deepEqual(
      found.map(({ line, rule }) => `${line}: ${rule}`),
      breaches,
    );
    assert.ok(found.every((each) => each.file === file));
  });
});

test("importsOf tells types from values", () => {
  const source = readSource(`import type { A } from "./a.ts";
import { type B } from "./b.ts";
import { type C, d } from "./c.ts";
export type { E } from "./e.ts";
export * from "./f.ts";
const text = "./g.ts";
import "./h.ts";`);
  assert.deepEqual(
    importsOf(source).map(({ specifier, isType }) => [specifier, isType]),
    [
      ["./a.ts", true],
      ["./b.ts", true],
      ["./c.ts", false],
      ["./e.ts", true],
      ["./f.ts", false],
      ["./h.ts", false],
    ],
  );
});

test("filesImportedBy gives types and values alike", () => {
  const text = `import type { A } from "./a.ts";
import { type B } from "../b.ts";
import { c } from "../d/c.ts";
import { join } from "node:path";`;
  const found = filesImportedBy("src/d/e.ts", text);
  assert.deepEqual(found, ["src/d/a.ts", "src/b.ts", "src/d/c.ts"]);
});

test("a ring of types is a ring", () => {
  const texts = {
    "src/a.ts": `import type { B } from "./b.ts";`,
    "src/b.ts": `import { type A } from "./a.ts";`,
  };
  const imports = Object.fromEntries(
    Object.entries(texts).map(([file, text]) => [
      file,
      filesImportedBy(file, text),
    ]),
  );
  assert.deepEqual(findCycles(imports), [["src/a.ts", "src/b.ts", "src/a.ts"]]);
});

test("findCycles gives the files of every ring", () => {
  assert.deepEqual(findCycles({ a: ["b", "c"], b: ["c"], c: [] }), []);
  assert.deepEqual(
    findCycles({ a: ["b"], b: ["c"], c: ["b"], d: ["d"] }),
    [["b", "c", "b"], ["d", "d"]],
  );
});
