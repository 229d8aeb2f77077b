/** What `ARCHITECTURE.md` says of files, rules and laws, held against them. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MAY_IMPORT } from "../../scripts/import_rules.ts";
import {
  datagramLaws,
  listenerLaws,
  selectorLaws,
  streamLaws,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { repositoryRoot } from "../runtimes.ts";

const text = readFileSync(join(repositoryRoot(), "ARCHITECTURE.md"), "utf8");

test("ARCHITECTURE says who may import whom as the rule does", () => {
  const said = [...text.matchAll(/^(\S[^→\n|`]*) → ([^→\n|]+)$/gm)]
    .flatMap(([, areas = "", others = ""]) =>
      areas.split(", ").map((area) => [area, others] as const)
    );
  const all = Object.keys(MAY_IMPORT).length - 1;
  const held = Object.entries(MAY_IMPORT)
    .filter(([, others]) => others.length > 0)
    .map(([area, others]) =>
      [area, others.length === all ? "everything" : others.join(", ")] as const
    );
  assert.deepEqual(new Map(said), new Map(held));
});

/** The code within backticks of the last cells of the table of members. */
function proofs(): string[] {
  const [, table = ""] = /\n\| Member +\|[^\n]*\n([^]*?)\n\n/.exec(text) ?? [];
  const cells = table.split("\n").slice(1).map((row) =>
    row.split("|")[3] ?? ""
  );
  return cells.flatMap((cell) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code)
  );
}

const escaped = (part: string) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

test("the laws that ARCHITECTURE has prove the members of a runtime are laws", () => {
  const laws = [datagramLaws, listenerLaws, selectorLaws, streamLaws].flat();
  const names = laws.map(({ name }) => name);
  const said = proofs().filter((code) => code.includes(" "));
  assert.ok(said.length > 20);
  for (const code of said) {
    const pattern = code.split("…").map(escaped).join(".*");
    const law = new RegExp(`^${pattern}$`);
    assert.ok(names.some((name) => law.test(name)), `no law is ${code}`);
  }
});

test("the files that ARCHITECTURE has prove the members of a runtime are there", () => {
  const said = proofs().filter((code) => code.startsWith("tests/"));
  assert.ok(said.length > 8);
  for (const path of said) {
    assert.ok(existsSync(join(repositoryRoot(), path)), path);
  }
});
