/** What bundlers are told of the modules of the npm package. */

import assert from "node:assert/strict";
import { markPure } from "../../scripts/pure_calls.ts";
import { test } from "../harness.ts";

const marked = (code: string): string =>
  markPure(code, "a.js").code.replace(/^"use strict";\n|\/\/# source.*$/gm, "")
    .trim();

test("a constant that is made of something is marked as pure", () => {
  const pure = "/*@__PURE__*/ ";
  const made: readonly (readonly [code: string, marked: string])[] = [
    ["const a = f(1);", `const a = ${pure}f(1);`],
    ["const a = new Map();", `const a = ${pure}new Map();`],
    ["const a = b.c;", `const a = ${pure}(() => b.c)();`],
    ["const a = f(g());", `const a = ${pure}(() => f(g()))();`],
    ["const a = { b: c() };", `const a = ${pure}(() => ({ b: c() }))();`],
    [
      "class A {\n    static b = c();\n}",
      `class A {\n    static b = ${pure}c();\n}`,
    ],
  ];
  for (const [code, expected] of made) assert.equal(marked(code), expected);
});

test("what a bundler sees to do nothing stays as it is", () => {
  for (
    const code of [
      'const a = { b: [1, -2, "c"], d };',
      "const a = () => f();",
      "function a() {\n    f();\n}",
      "class A {\n    b = c();\n}",
      "let a;",
    ]
  ) assert.equal(marked(code), code);
});

test("the second name that tsc gives a class is taken back", () => {
  assert.equal(
    marked("var _a;\nclass A {\n    b() { return new _a(); }\n}\n_a = A;"),
    "class A {\n    b() { return new A(); }\n}",
  );
});

test("a module that does something when it is imported is refused", () => {
  assert.throws(() => markPure("f();", "a.js"), /^TypeError: a\.js does on/);
});
