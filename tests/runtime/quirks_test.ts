/** Which quirks a host is known by. */

import assert from "node:assert/strict";
import type { Host } from "../../src/runtime/node/native.ts";
import { type Quirks, quirksOf } from "../../src/runtime/node/quirks.ts";
import { test } from "../harness.ts";

/** A host by its name and the versions of its parts. */
function host(
  name: Host["name"],
  versions: Readonly<Record<string, readonly [number, number]>>,
): Host {
  return {
    name,
    label: name,
    has(part, major, minor) {
      const [x, y] = versions[part] ?? [0, 0];
      return x > major || (x === major && y >= minor);
    },
  };
}

const cases: readonly [of: string, Host, Partial<Quirks>][] = [
  ["Node 20", host("node", { node: [20, 20], uv: [1, 46] }), {
    hidesResets: true,
    asksToBind: undefined,
    ignoresReusePort: true,
    padsAbstractNames: true,
  }],
  ["Node 22.12", host("node", { node: [22, 12], uv: [1, 49] }), {
    hidesResets: true,
    ignoresReusePort: false,
    padsAbstractNames: false,
  }],
  ["Node 23.0", host("node", { node: [23, 0], uv: [1, 49] }), {
    ignoresReusePort: true,
  }],
  ["Node 26", host("node", { node: [26, 10], uv: [1, 51] }), {
    readsByOnRead: true,
    hidesResets: false,
    asksToBind: "node",
    ignoresReusePort: false,
    padsAbstractNames: false,
    guessesZones: true,
  }],
  // Both say that they are some version of Node, too.
  ["Bun", host("bun", { node: [26, 3] }), {
    readsByOnRead: false,
    tellsFailuresAsRefused: true,
    ignoresReusePort: false,
  }],
  ["Deno 2.7", host("deno", { node: [24, 2], deno: [2, 7] }), {
    readsByOnRead: false,
    tellsResetsAsPipe: true,
  }],
  ["Deno", host("deno", { node: [26, 3], deno: [2, 9] }), {
    readsByOnRead: true,
    tellsResetsAsPipe: true,
    hidesDescriptors: true,
    dropsZones: true,
    asksToBind: "deno",
  }],
];

for (const [of, host, expected] of cases) {
  test(`quirksOf tells those of ${of}`, () => {
    const all = quirksOf(host);
    assert.deepEqual({ ...all, ...expected }, { ...all });
  });
}
