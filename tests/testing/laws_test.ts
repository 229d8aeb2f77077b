/**
 * What runs a law: bounded in time, with nothing left open, and only where the
 * law applies.
 */

import assert from "node:assert/strict";
import {
  checkLaw,
  concerns,
  type Law,
  LawBroken,
  liveHandles,
  memoryMaker,
  whyNot,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";

const leaky: Law = {
  name: "a law that leaves a socket open does not pass",
  async run(bench) {
    const listener = await bench.listen();
    // Behind the bench's back: nobody closes what is accepted.
    const client = await bench.connectTo(listener.getSockName());
    const [server] = await listener.accept();
    leaked.push(server);
    await client.close({ lingerMs: 0 });
  },
};
const leaked: { close(): Promise<void> }[] = [];

test("checkLaw fails when a handle is left open", async () => {
  const before = liveHandles();
  await assert.rejects(
    checkLaw(leaky, memoryMaker()),
    (error: unknown) =>
      error instanceof LawBroken &&
      /1 handles of kind stream/.test(error.message),
  );
  await Promise.all(leaked.map((each) => each.close()));
  assert.deepEqual(liveHandles(), before);
});

test("checkLaw fails when a law does not end in time", async () => {
  const stuck: Law = { name: "stuck", run: () => new Promise(() => {}) };
  await assert.rejects(
    checkLaw(stuck, memoryMaker(), { watchdogMs: 10 }),
    /stuck: no end within 10 ms/,
  );
});

test("checkLaw closes what a law made when the law fails", async () => {
  const before = liveHandles();
  const failing: Law = {
    name: "failing",
    async run(bench) {
      await bench.pair();
      await bench.listen();
      throw new LawBroken("on purpose");
    },
  };
  await assert.rejects(checkLaw(failing, memoryMaker()), /on purpose/);
  assert.deepEqual(liveHandles(), before);
});

test("concerns leaves out what a stream has by nature not", () => {
  const law: Law = { name: "x", needs: ["paths"], run: async () => {} };
  assert.equal(concerns(law, memoryMaker()), false);
  assert.equal(concerns({ ...law, needs: ["ports"] }, memoryMaker()), true);
});

test("whyNot gives the runtime's own reason when it cannot do something", () => {
  const maker = memoryMaker();
  const reason = "this runtime cannot";
  const supports = { ...maker.runtime.supports, reusePort: reason };
  const poor = { ...maker, runtime: { ...maker.runtime, supports } };
  const law: Law = { name: "x", needs: ["reusePort"], run: async () => {} };
  assert.equal(whyNot(law, poor), reason);
  assert.equal(whyNot(law, maker), undefined);
});
