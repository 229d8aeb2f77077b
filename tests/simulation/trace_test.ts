/** What a trace keeps of a history, and the hash of it. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { lineOf, Trace } from "../../src/simulation/trace.ts";
import { test } from "../harness.ts";

const bytes = (...all: number[]) => new Uint8Array(all);

test("the hash of a trace is that of its lines, whatever they hold", () => {
  const trace = Trace.create();
  trace.add(0, "a", "b", "SYN");
  trace.add(0.0015, "a", "b", "DATA 0+3", bytes(7, 65, 34), true);
  trace.add(12.5, "b", "bücher", "UDP", new Uint8Array(25).fill(92));
  trace.add(1e9, "", "", "x".repeat(20_000));
  trace.add(1e9, "", "", "é𝄞".repeat(10_000));
  for (let i = 0; i < 2_000; i++) {
    trace.add(2e9, "a", "b", `ACK ${i}`, bytes(i));
  }
  const lines = [...trace].map((each) => `${lineOf(each)}\n`).join("");
  const expected = createHash("sha256").update(lines).digest("hex");
  assert.equal(trace.hash, expected);
  assert.equal(trace.add(3e9, "a", "b", "FIN"), false);
  assert.equal(trace.length, 2_005);
});

test("a trace shows the first 24 bytes of a payload, and that more came", () => {
  const trace = Trace.create();
  const payload = bytes(9, 10, 13, 34, 92, 0, 127, 200, 65);
  trace.add(1, "a", "b", "DATA", payload);
  // It was copied.
  payload.fill(66);
  trace.add(1, "a", "b", "DATA", new Uint8Array(24).fill(65));
  trace.add(1, "a", "b", "DATA", new Uint8Array(25).fill(65));
  trace.add(1, "a", "b", "DATA", new Uint8Array(0));
  assert.deepEqual([...trace].map((each) => each.payload), [
    String.raw`"\t\n\r\"\\\x00\x7f\xc8A"`,
    `"${"A".repeat(24)}"`,
    `"${"A".repeat(24)}"…`,
    '""',
  ]);
});

test("the payloads of many events stay as they were", () => {
  const trace = Trace.create();
  for (let i = 0; i < 5_000; i++) trace.add(i, "a", "b", "D", bytes(i, i >> 8));
  const twin = Trace.create();
  const shown = [...trace].map(({ payload }) => payload);
  for (const i of [0, 1_364, 1_365, 4_999]) {
    twin.add(i, "a", "b", "D", bytes(i, i >> 8));
    assert.equal(shown[i], twin.newest?.payload);
  }
});

test("a bare trace keeps no payload", () => {
  const trace = Trace.create(true);
  trace.add(1, "a", "b", "DATA", bytes(65));
  assert.deepEqual(trace.newest, {
    at: 1,
    from: "a",
    to: "b",
    what: "DATA",
    payload: "",
    isLost: false,
  });
});
