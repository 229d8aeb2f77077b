/**
 * The globals inside: virtual there, real outside at the same time, and put
 * back in the end.
 */

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, listen } from "../../mod.ts";
import { bunRuntime } from "../../src/runtime/bun.ts";
import { denoRuntime } from "../../src/runtime/deno.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import { simulate } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { thisRuntime } from "../runtimes.ts";

/** The platform's own, saved before any simulation. */
const { setTimeout: realTimeout } = globalThis;

// deno-lint-ignore no-explicit-any -- the globals of three runtimes
const world = globalThis as any;

const start = Date.UTC(2000, 0, 1);

/** What is asked inside after 1,500 virtual ms, and its answer. */
const INSIDE: Readonly<Record<string, readonly [() => unknown, unknown]>> = {
  "Date.now": [() => Date.now(), start + 1_500],
  "new Date": [() => new Date().getTime(), start + 1_500],
  "a Date of the past": [() => new Date(7).getTime(), 7],
  "instanceof Date": [() => new Date() instanceof Date, true],
  "performance.now": [() => performance.now(), 1_500],
  "process.hrtime": [() => process.hrtime(), [1, 500_000_000]],
  "process.hrtime since": [() => process.hrtime([0, 600_000_000]), [
    0,
    900_000_000,
  ]],
  "process.hrtime.bigint": [() => process.hrtime.bigint(), 1_500_000_000n],
};

for (const [name, [call, expected]] of Object.entries(INSIDE)) {
  test(`${name} tells the virtual time inside`, async () => {
    const { value } = await simulate(async (sim) => {
      await sim.sleep(1_500);
      return call();
    });
    assert.deepEqual(value, expected);
  });
}

const PATCHED: readonly (readonly [string, () => unknown])[] = [
  ["setTimeout", () => world.setTimeout],
  ["clearTimeout", () => world.clearTimeout],
  ["setInterval", () => world.setInterval],
  ["clearInterval", () => world.clearInterval],
  ["setImmediate", () => world.setImmediate],
  ["clearImmediate", () => world.clearImmediate],
  ["Date", () => world.Date],
  ["performance.now", () => performance.now],
  ["process.hrtime", () => process.hrtime],
  ["AbortSignal.timeout", () => AbortSignal.timeout],
  ["Math.random", () => Math.random],
  ["crypto.getRandomValues", () => crypto.getRandomValues],
  ["crypto.randomUUID", () => crypto.randomUUID],
  ["crypto.subtle.digest", () => crypto.subtle.digest],
  ["fetch", () => world.fetch],
  ["WebSocket", () => world.WebSocket],
];

test("every global is put back after a success and after a failure", async () => {
  const read = () => PATCHED.map(([, get]) => get());
  const before = read();
  let during: readonly unknown[] = [];
  await simulate(() => {
    during = read();
    return Promise.resolve();
  });
  const after = read();
  PATCHED.forEach(([name], i) => {
    if (before[i] === undefined) return;
    assert.notEqual(during[i], before[i], `${name} during`);
    assert.equal(after[i], before[i], `${name} after`);
  });
  await assert.rejects(simulate(() => Promise.reject(new Error("no"))));
  assert.deepEqual(read(), before);
  await assert.rejects(simulate(() => new Promise(() => {}), { graceMs: 0 }));
  assert.deepEqual(read(), before);
});

test("patch: false leaves every global alone", async () => {
  const before = PATCHED.map(([, get]) => get());
  await simulate((sim) => {
    assert.deepEqual(PATCHED.map(([, get]) => get()), before);
    return sim.sleep(5);
  }, { patch: false });
});

test("outside time is real while hours pass inside", async () => {
  const before = performance.now();
  const outside = new Promise<number>((resolve) =>
    setTimeout(() => resolve(performance.now() - before), 20)
  );
  const wall = Date.now();
  const { virtualMs } = await simulate(async (sim) => {
    await sim.sleep(3_600_000);
  });
  assert.equal(virtualMs, 3_600_000);
  assert.ok(Date.now() - wall < 60_000);
  const took = await outside;
  assert.ok(took >= 15 && took < 10_000, `${took} ms`);
});

test("timers inside are objects that clear, refresh and hold", async () => {
  const { value } = await simulate(async (sim) => {
    const seen: string[] = [];
    const timer = setTimeout((text: string) => seen.push(text), 10, "a");
    const held = timer as unknown as {
      hasRef(): boolean;
      unref(): unknown;
      ref(): unknown;
      refresh(): unknown;
    };
    assert.equal(held.hasRef(), true);
    held.unref();
    assert.equal(held.hasRef(), false);
    held.ref();
    await sim.sleep(5);
    held.refresh();
    await sim.sleep(7);
    seen.push("later");
    await sim.sleep(7);
    const never = setTimeout(() => seen.push("never"), 1);
    clearTimeout(never);
    const byNumber = setTimeout(() => seen.push("never"), 1);
    clearTimeout(Number(byNumber));
    let count = 0;
    const interval = setInterval(() => {
      seen.push(`${++count}`);
      if (count === 3) clearInterval(interval);
    }, 2);
    await sim.sleep(20);
    return seen;
  });
  assert.deepEqual(value, ["later", "a", "1", "2", "3"]);
});

test("a timeout of 0 takes a millisecond, an immediate ten microseconds", async () => {
  const { value } = await simulate(async () => {
    const times: number[] = [];
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    times.push(performance.now());
    await new Promise<void>((resolve) => world.setImmediate(resolve));
    times.push(performance.now());
    return times;
  });
  assert.deepEqual(value, [1, 1.01]);
});

test("AbortSignal.timeout aborts in virtual time", async () => {
  const { value } = await simulate(async (sim) => {
    const signal = AbortSignal.timeout(60_000);
    await sim.sleep(59_999);
    const early = signal.aborted;
    await sim.sleep(2);
    return [early, signal.aborted, (signal.reason as Error).name];
  });
  assert.deepEqual(value, [false, true, "TimeoutError"]);
});

test("chance inside follows the seed", async () => {
  const draw = () =>
    Promise.resolve([
      Math.random(),
      crypto.randomUUID(),
      [...crypto.getRandomValues(new Uint8Array(4))].join(),
    ]);
  const run = (seed: number) => simulate(draw, { seed });
  const [one, again, other] = [await run(1), await run(1), await run(2)];
  assert.deepEqual(one.value, again.value);
  assert.notDeepEqual(one.value, other.value);
  const uuid = one.value[1] as string;
  assert.match(
    uuid,
    /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
  );
});

test("crypto.subtle is real work during which no time passes", async () => {
  const { value, isExact } = await simulate(async (sim) => {
    setTimeout(() => {}, 1_000);
    const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(9));
    return [digest.byteLength, sim.now];
  }, { check: true });
  assert.deepEqual(value, [32, 0]);
  assert.equal(isExact, true);
});

test("fetch and WebSocket are refused inside", async () => {
  const { value } = await simulate(async () => {
    const codes: unknown[] = [];
    await fetch("http://localhost:1/").catch((error) => codes.push(error.code));
    try {
      if (world.WebSocket === undefined) codes.push("EPERM");
      else new world.WebSocket("ws://localhost:1/");
    } catch (error) {
      codes.push((error as { code?: unknown }).code);
    }
    return codes;
  });
  assert.deepEqual(value, ["EPERM", "EPERM"]);
});

test("node:timers/promises is virtual inside, on Node", async () => {
  const { value } = await simulate(async (sim) => {
    assert.equal(await sleep(60_000, "woken"), "woken");
    return sim.now;
  }, { graceMs: 100 });
  assert.equal(value, 60_000);
}, {
  skip: !thisRuntime().startsWith("node") &&
    "Deno and Bun let nobody replace what others import",
});

const TIMERS: Readonly<
  Record<string, (call: () => void) => { [Symbol.dispose]?(): void }>
> = {
  setTimeout: (call) => world.setTimeout(call, 5),
  setImmediate: (call) => world.setImmediate(call),
  setInterval: (call) => world.setInterval(call, 5),
};

for (const [name, start] of Object.entries(TIMERS)) {
  test(`${name} keeps what the program has in an AsyncLocalStorage`, async () => {
    const storage = new AsyncLocalStorage<string>();
    await simulate(async (sim) => {
      const seen: unknown[] = [];
      await sim.host("a").run(async () => {
        const timer = storage.run(
          "mine",
          () => start(() => seen.push(storage.getStore())),
        );
        await storage.run("other", () => sim.sleep(12));
        timer[Symbol.dispose]?.();
      });
      const expected = name === "setInterval" ? ["mine", "mine"] : ["mine"];
      assert.deepEqual(seen, expected);
    });
  });
}

test("what a timer throws fails the run", async () => {
  const failed = simulate((sim) => {
    setTimeout(() => {
      throw new Error("thrown at 5 ms");
    }, 5);
    return sim.sleep(10);
  });
  await assert.rejects(failed, /thrown at 5 ms/);
});

test("a timer that was refreshed can be cleared by its number", async () => {
  await simulate(async (sim) => {
    let calls = 0;
    const timer = world.setTimeout(() => calls++, 5);
    const number = Number(timer);
    await sim.sleep(6);
    timer.refresh();
    clearTimeout(number);
    await sim.sleep(6);
    assert.equal(calls, 1);
  });
});

test("the real drivers are refused inside, and work outside", async () => {
  const drivers = [bunRuntime(), denoRuntime(), nodeRuntime()];
  await simulate(async (sim) => {
    await sim.host("a").run(async () => {
      for (const runtime of drivers) {
        const refused = { code: "EPERM" };
        await assert.rejects(connect("127.0.0.1:9", { runtime }), refused);
        await assert.rejects(listen("127.0.0.1:0", { runtime }), refused);
      }
    });
  });
  await using listener = await listen("127.0.0.1:0");
  await using client = await connect(listener.getSockName());
  const [server] = await listener.accept();
  await server.close();
  assert.equal(await client.recv(), null);
});

test("a run that was ended from outside is not exact", async () => {
  const { isExact } = await simulate(() =>
    new Promise<void>((resolve) => realTimeout(resolve, 20))
  );
  assert.equal(isExact, false);
});
