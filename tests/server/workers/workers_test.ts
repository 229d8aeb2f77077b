/**
 * Servers whose port is shared by threads, or by processes.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { connect, SocketError } from "../../../mod.ts";
import { serve, type WorkerKind } from "../../../src/server/mod.ts";
import { test } from "../../harness.ts";
import { thisRuntime } from "../../runtimes.ts";
import { addsUp, until } from "../support.ts";
import {
  askOne,
  fixture,
  KINDS,
  Load,
  type Served,
  withWorkers,
} from "./support.ts";

const CLIENTS = 4;

/** What starts runtimes takes its time where processors are few. */
const SLOWLY = { timeoutMs: 60_000 };

/** Ends the worker that answers as `who`. */
async function kill(kind: WorkerKind, who: string, ask: () => Promise<string>) {
  if (kind === "process") {
    return void process.kill(Number(/^w(\d+)\//.exec(who)?.[1]), "SIGKILL");
  }
  assert.equal(await ask(), "dying");
}

/** Each worker in turn dies while clients come: they lose what it had. */
async function dieInTurn(
  kind: WorkerKind,
  load: Load,
  { server, whenUp }: Served,
): Promise<void> {
  await until(() => new Set(load.answers).size === 2);
  assert.deepEqual(load.losses, []);
  for (const [deaths, who] of [...new Set(load.answers)].entries()) {
    const before = load.losses.length;
    await kill(kind, who, () => askOne(server, "die"));
    await whenUp(3 + deaths);
    await load.more(CLIENTS);
    const lost = load.losses.length - before;
    assert.ok(lost <= CLIENTS, load.losses.join());
  }
  const before = load.losses.length;
  load.answers.length = 0;
  await until(() => new Set(load.answers).size === 2);
  await load.more(CLIENTS);
  assert.equal(load.losses.length, before, load.losses.join());
}

for (const kind of KINDS) {
  test(`${kind}: each worker in turn may die under load`, async () => {
    const workers = { count: 2, kind, data: "w" };
    await withWorkers(workers, async (served) => {
      const { server, errors, events } = served;
      const load = new Load(server, CLIENTS);
      try {
        await dieInTurn(kind, load, served);
      } finally {
        await load.end();
      }
      assert.equal(server.stats.workersRestarted, 2);
      assert.deepEqual(errors, []);
      const deaths = events.filter(({ event }) => event === "died");
      assert.deepEqual(
        deaths.map(({ exitCode }) => exitCode),
        kind === "process" ? [undefined, undefined] : [3, 3],
      );
    });
  }, SLOWLY);
}

test("workers are one server to whoever has it", async (t) => {
  const workers = { count: 2, data: "w" };
  await withWorkers(workers, async ({ server, errors, events, whenUp }) => {
    await t.step("its address is nobody else's", async () => {
      await assert.rejects(
        serve(server.address, fixture("echo_handler"), { workers: 1 }),
        { code: "EADDRINUSE", op: "bind" },
      );
    });
    await t.step("a handler's error is told with its class", async () => {
      const end = await askOne(server, "throw");
      assert.ok(["ECONNRESET", "end"].includes(end), end);
      await until(() => errors.length > 0);
      const [error] = errors.splice(0) as Error[];
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, "a handler's mistake");
    });
    await t.step("figures are of all, and come within 250 ms", async () => {
      await until(() => server.stats.failed === 1 && server.stats.active === 0);
      const before = server.stats.finished;
      for (let i = 0; i < 10; i++) await askOne(server, "hello");
      await until(() => server.stats.finished === before + 10);
      addsUp(server.stats);
      assert.ok(server.stats.bytesSent >= 50);
      assert.equal(server.connections.size, 0);
    });
    await t.step("what is thrown outside a handler ends one", async () => {
      await askOne(server, "crash");
      await whenUp(3);
      assert.equal(server.state, "listening");
    });
    await t.step("a handler stops all, even while one restarts", async () => {
      const witness = await connect(server.address);
      await witness.sendAll("hello");
      assert.ok(await witness.recv({ timeoutMs: 5_000 }));
      const deaths = () => events.filter(({ event }) => event === "died");
      const before = deaths().length;
      await askOne(server, "die");
      // Until then it may be who is asked to stop.
      await until(() => deaths().length > before);
      assert.equal(await askOne(server, "stop"), "stopping");
      const { finished, reset } = await server.closed;
      assert.equal(server.state, "closed");
      assert.ok(finished + reset <= 3, `${finished} and ${reset}`);
      await witness.close({ lingerMs: 0 });
      assert.ok(server.stats.active === 0);
      addsUp(server.stats);
      await assert.rejects(connect(server.address), { code: "ECONNREFUSED" });
    });
  });
}, SLOWLY);

test("a worker that never comes back is ended and replaced", async () => {
  // Deno cannot end such a thread; its processes it can.
  const kind = "Deno" in globalThis ? "process" : KINDS[0]!;
  const workers = { count: 1, kind, stuckTimeoutMs: 300 };
  await withWorkers(workers, async ({ server, events, whenUp }) => {
    const end = await askOne(server, "spin");
    assert.ok(["ECONNRESET", "end"].includes(end), end);
    await whenUp(2);
    assert.deepEqual(events.map(({ event, goesOn }) => [event, goesOn]), [
      ["up", undefined],
      ["stuck", false],
      ["died", undefined],
      ["up", undefined],
    ]);
    assert.equal(await askOne(server, "hello"), "hello");
  });
}, SLOWLY);

test(
  "a thread that Deno cannot end is replaced, and said to go on",
  async () => {
    const workers = { count: 1, stuckTimeoutMs: 300 };
    await withWorkers(workers, async ({ server, events, whenUp }) => {
      const client = await connect(server.address);
      await client.sendAll("spin");
      await whenUp(2);
      const stuck = events.find(({ event }) => event === "stuck");
      assert.equal(stuck?.goesOn, true);
      await client.close({ lingerMs: 0 });
    });
  },
  { skip: !("Deno" in globalThis) && "other runtimes end their threads" },
);

test("what prevents a worker prevents the server", async (t) => {
  const cases: [string, string, RegExp | object][] = [
    ["a module that throws", "throws", { message: "thrown at import" }],
    ["a module without a handler", "no_handler", {
      name: "TypeError",
      message: /no_handler\.[jt]s exports no handler as its default/,
    }],
    ["a setup that rejects", "setup_rejects", {
      ...{ name: "RangeError", message: "no such table" },
    }],
    ["a module that serves", "serves", {
      ...{ name: "TypeError", message: /must not serve/ },
    }],
    ["a setup that never settles", "setup_hangs", {
      ...{ name: "TimeoutError", code: "ETIMEDOUT", op: "serve" },
    }],
  ];
  for (const [name, module, expected] of cases) {
    await t.step(name, async () => {
      const startTimeoutMs = module === "setup_hangs" ? 700 : 20_000;
      const workers = { count: 1, startTimeoutMs };
      await assert.rejects(
        serve("127.0.0.1:0", fixture(module), { workers }),
        expected,
      );
    });
  }
}, SLOWLY);

test("a module may be served without workers", async (t) => {
  await t.step("its handler answers", async () => {
    await using server = await serve("127.0.0.1:0", fixture("echo_handler"));
    assert.equal(await askOne(server, "who"), `${process.pid}/0`);
    assert.equal(server.stats.workersRestarted, 0);
  });
  await t.step("what it throws is the caller's", async () => {
    for (const module of ["throws", "setup_rejects", "no_handler"]) {
      await assert.rejects(serve("127.0.0.1:0", fixture(module)), Error);
    }
  });
});

test("what workers cannot have is said before anything starts", async () => {
  const at = (options: object) =>
    serve("127.0.0.1:0", fixture("echo_handler"), options);
  for (const count of [-1, 1.5, 1025, NaN]) {
    await assert.rejects(at({ workers: count }), RangeError, `${count}`);
  }
  const wrong: [string, object][] = [
    ["a text", { workers: "2" }],
    ["no count", { workers: {} }],
    ["an unknown kind", { workers: { count: 1, kind: "fiber" } }],
    ["an unknown option", { workers: { count: 1, size: 2 } }],
    ["a function as data", { workers: { count: 1, data: () => {} } }],
    ["a function to verify", { workers: 1, verifyRequest: () => true }],
    ["another runtime", { workers: 1, runtime: {} }],
  ];
  for (const [name, options] of wrong) {
    await assert.rejects(at(options), TypeError, name);
  }
  // Deno lets nobody read the limit who may not do everything.
  if (!("Deno" in globalThis)) {
    const more = { workers: 1, maxConnections: 1e9 };
    await assert.rejects(at(more), RangeError, "more than descriptors");
  }
  await assert.rejects(
    serve({ path: "/tmp/none.sock" }, fixture("echo_handler"), { workers: 1 }),
    { code: "EOPNOTSUPP", op: "serve" },
  );
});

test("threads that share no port are refused", async () => {
  const workers = { count: 1, kind: "thread" } as const;
  await assert.rejects(
    serve("127.0.0.1:0", fixture("echo_handler"), { workers }),
    (error) => error instanceof SocketError && error.code === "EOPNOTSUPP",
  );
}, { skip: thisRuntime() !== "node20" && "threads share ports here" });
