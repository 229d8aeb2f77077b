/** The tables of `docs/porting.md` against the modules of a real Python. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "../harness.ts";
import { environment, repositoryRoot } from "../runtimes.ts";

/** The Python that the page is about: each has some names of its own. */
const VERSION = "3.11";

/** Prints the public names of modules and of their classes, as JSON. */
const NAMES = `
import json, select, selectors, socket, socketserver, struct, sys, types
def public(owner):
    return [name for name in dir(owner) if not name.startswith("_")]
def exported(module):
    return getattr(module, "__all__", None) or [name for name in public(module)
        if getattr(getattr(module, name), "__module__", module.__name__)
            in (module.__name__, None, "builtins", "_" + module.__name__)
        and not isinstance(getattr(module, name), types.ModuleType)]
owners = {module.__name__: exported(module)
    for module in (socket, select, selectors, socketserver, struct)}
owners["socket.socket"] = public(socket.socket)
owners["selectors.DefaultSelector"] = public(selectors.DefaultSelector)
owners["selectors.SelectorKey"] = list(selectors.SelectorKey._fields)
owners["struct.Struct"] = public(struct.Struct)
for name in owners["socketserver"]:
    owners["socketserver." + name] = public(getattr(socketserver, name))
print(json.dumps(owners))
`;

/** A row: what its left cell names, and whether there is nothing like it. */
interface Row {
  readonly names: readonly string[];
  readonly isNone: boolean;
}

const page = readFileSync(
  join(repositoryRoot(), "docs", "porting.md"),
  "utf8",
);

const skip = whyNot();

function whyNot(): string | false {
  const { error, stdout } = python("import sys; print(*sys.version_info[:2])");
  if (error !== undefined) return "python3 is not installed";
  const version = stdout.trim().replace(" ", ".");
  return version !== VERSION &&
    `the page is about Python ${VERSION}, python3 is ${version}`;
}

function python(script: string) {
  return spawnSync("python3", ["-c", script], {
    encoding: "utf8",
    env: environment(),
  });
}

function rowsOf(part: string): Row[] {
  return [...part.matchAll(/^\| (.+?) \| (.+?) \|$/gm)]
    .map(([, left, right]) => ({
      names: [...left!.matchAll(/`[^`]*`/g)]
        .flatMap(([code]) => code.match(/\w+\*?/g) ?? []),
      isNone: /^none\b/.test(right!),
    }));
}

/** The row of a name: the one that says it, else that of the longest `X_*`. */
function rowOf(rows: readonly Row[], name: string): Row | undefined {
  const fits = (pattern: string) =>
    pattern === name ||
    (pattern.endsWith("*") && name.startsWith(pattern.slice(0, -1)));
  const length = (row: Row) =>
    Math.max(...row.names.filter(fits).map((each) => each.length));
  return rows
    .filter((row) => row.names.some(fits))
    .sort((a, b) =>
      length(b) - length(a) || Number(a.isNone) - Number(b.isNone)
    )[0];
}

test("every public name of Python's five modules has a row", () => {
  const [part = ""] = page.split("\n## From node:net");
  const rows = rowsOf(part);
  const owners = JSON.parse(python(NAMES).stdout) as Record<string, string[]>;
  const missing = Object.entries(owners).flatMap(([owner, names]) =>
    names.filter((name) => rowOf(rows, name) === undefined)
      .map((name) => `${owner}.${name}`)
  );
  assert.deepEqual(missing, []);
  assert.ok(Object.values(owners).flat().length > 500);
}, { skip });

test(
  "the rows of Python's constants say truly which are here",
  () => {
    const [part = ""] = page.split("\n### select, selectors");
    const rows = rowsOf(part);
    const { "socket": names = [] } = JSON.parse(python(NAMES).stdout) as Record<
      string,
      string[]
    >;
    const ours = new Set(
      (JSON.parse(
        readFileSync(join(repositoryRoot(), "scripts/exports.json"), "utf8"),
      ) as Record<string, { values: string[] }>)["."]!.values,
    );
    const constants = names.filter((name) => /^[A-Z][A-Z0-9]+_/.test(name));
    const wrong = constants.filter((name) =>
      rowOf(rows, name)?.isNone !== !ours.has(name)
    );
    assert.deepEqual(wrong, []);
    assert.ok(constants.length > 250, `${constants.length} constants`);
  },
  { skip },
);
