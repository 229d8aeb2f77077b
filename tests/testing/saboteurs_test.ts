/**
 * The law of laws: a law that cannot fail proves nothing. So for every law
 * there is a saboteur that it catches, and without whom it holds.
 */

import assert from "node:assert/strict";
import * as testing from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { lackOfOpenssl } from "../support/certificates.ts";
import { failureUnder, IDLE_LAWS, LAWS, NOBODY } from "./saboteur.ts";
import { SABOTEURS } from "./saboteurs/all.ts";

/** No law waits, but a busy machine lets some of them take their time. */
const PATIENT = { timeoutMs: 60_000 };

/** The names in a list, one a line, for whoever has to mend it. */
function lines(names: readonly string[]): string {
  return names.map((name) => `\n  ${name}`).join("");
}

/** @throws {assert.AssertionError} with all names, if there are any */
function nobody(names: readonly string[], what: string): void {
  assert.equal(names.length, 0, `${what}:${lines(names)}`);
}

test("every list of laws is looked at", () => {
  const names = new Set(LAWS.map(({ name }) => name));
  for (const [list, laws] of Object.entries(testing)) {
    if (!list.endsWith("Laws")) continue;
    // They are about anybody's connections: pipe_laws_test.ts has their own.
    if (list === "pipeLaws") continue;
    if (list === "tlsLaws" && lackOfOpenssl() !== undefined) continue;
    nobody(
      (laws as unknown as readonly { name: string }[])
        .map(({ name }) => name).filter((name) => !names.has(name)),
      `LAWS in tests/testing/saboteur.ts leaves out these of ${list}`,
    );
  }
});

test("laws have names of their own", () => {
  const names = LAWS.map(({ name }) => name);
  nobody(names.filter((name, i) => names.indexOf(name) !== i), "Twice");
  nobody(names.filter((name) => !/^[\w(]/.test(name)), "Begin with a sign");
});

test("every law can be shown by a network in memory", () => {
  nobody(
    LAWS.filter(({ lacks }) => lacks !== undefined)
      .map(({ name, lacks }) => `${name} (needs ${lacks})`),
    "No network in memory has what these laws need",
  );
});

test("every law has a saboteur that breaks it", () => {
  const broken = new Set(SABOTEURS.flatMap(({ breaks }) => breaks));
  nobody(
    LAWS.map(({ name }) => name).filter((name) => !broken.has(name)),
    "No saboteur breaks these laws; `node scripts/run.mjs saboteurs NAME` " +
      "tells which of those in tests/testing/saboteurs/ do: add the name of " +
      "the law to what one `breaks`, or write one that breaks its promise",
  );
});

test("every saboteur breaks laws that there are", () => {
  const names = new Set(LAWS.map(({ name }) => name));
  for (const { does, breaks } of SABOTEURS) {
    assert.ok(breaks.length > 0, `no law catches who does this: ${does}`);
    nobody(
      breaks.filter((name) => !names.has(name)),
      `"${does}" says that it breaks what is no law`,
    );
  }
});

for (const law of [...IDLE_LAWS, ...LAWS]) {
  test(`it holds that ${law.name}, when nothing is broken`, async () => {
    assert.equal(await failureUnder(law, NOBODY), undefined);
  }, PATIENT);
}

for (const saboteur of SABOTEURS) {
  const { does, breaks } = saboteur;
  test(`laws fail when ${does}`, async () => {
    const before = testing.liveHandles();
    for (const law of IDLE_LAWS) {
      const failure = await failureUnder(law, saboteur);
      assert.equal(failure, undefined, "It breaks who does nothing at all");
    }
    const blind: string[] = [];
    for (const law of LAWS.filter(({ name }) => breaks.includes(name))) {
      if (await failureUnder(law, saboteur) === undefined) blind.push(law.name);
    }
    nobody(blind, `These hold though ${does}`);
    assert.deepEqual(testing.liveHandles(), before);
  }, PATIENT);
}
