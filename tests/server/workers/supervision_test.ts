/**
 * The schedule by which workers are begun anew, watched and stopped, on a fake
 * clock and with workers that do what the test says.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Address } from "../../../mod.ts";
import type {
  RawWorker,
  WorkerKind,
  WorkerSink,
} from "../../../src/runtime/seam/workers.ts";
import { Fault } from "../../../src/runtime/seam/fault.ts";
import type {
  FromWorker,
  Orders,
  ToWorker,
} from "../../../src/server/workers/messages.ts";
import { toSent } from "../../../src/server/workers/sent_error.ts";
import {
  WorkerServer,
  type WorkerServerInit,
} from "../../../src/server/workers/worker_server.ts";
import { Tally } from "../../../src/server/stats.ts";
import { FakeClock } from "../../../src/testing/mod.ts";
import { test } from "../../harness.ts";

const PLACE: Address = { family: "ipv4", hostname: "127.0.0.1", port: 7000 };

/** A worker that does nothing by itself, except to end when it is ended. */
class FakeWorker implements RawWorker {
  endsForSure = true;
  isRef = true;
  /** What it was told, pings apart. */
  readonly heard: ToWorker[] = [];
  pings = 0;
  /** Whether it answers pings. */
  isAlive = true;
  readonly #sink: WorkerSink;

  constructor(sink: WorkerSink) {
    this.#sink = sink;
  }

  post(message: unknown): void {
    const told = message as ToWorker;
    if (told.type !== "ping") return void this.heard.push(told);
    this.pings++;
    if (this.isAlive) this.say({ type: "pong" });
  }

  terminate(): void {
    this.exit(1);
  }

  ref(flag: boolean): void {
    this.isRef = flag;
  }

  say(message: FromWorker): void {
    this.#sink.message(message);
  }

  exit(exitCode: number): void {
    this.#sink.exited(exitCode);
  }

  fail(error: unknown): void {
    this.#sink.failed(error);
  }

  /** Comes up, at the place where it was told to. */
  comeUp(address: Address = PLACE): void {
    this.say({ type: "ready" });
    this.say({ type: "up", address });
  }

  get orders(): Orders {
    const [first] = this.heard;
    assert.equal(first?.type, "start");
    return (first as ToWorker & { type: "start" }).orders;
  }
}

/** A server of such workers. */
class Bench {
  readonly clock = new FakeClock();
  readonly spawned: FakeWorker[] = [];
  readonly errors: unknown[] = [];
  readonly server: WorkerServer;
  /** What spawning throws. */
  prevents: unknown;

  constructor(
    { reusePort = true, ...init }: Partial<WorkerServerInit> & {
      readonly reusePort?: boolean;
    } = {},
  ) {
    const spawn = (_kind: WorkerKind, _module: URL, sink: WorkerSink) => {
      if (this.prevents !== undefined) throw this.prevents;
      const worker = new FakeWorker(sink);
      this.spawned.push(worker);
      return worker;
    };
    this.server = new WorkerServer({
      host: { spawn },
      clock: this.clock,
      kind: "thread",
      count: 2,
      patience: { startTimeoutMs: 60_000, stuckTimeoutMs: 30_000 },
      orders: {
        module: "file:///handler.ts",
        data: undefined,
        options: {},
        room: { maxConnections: 10, backlog: 10 },
        reusePort,
        sendsErrors: true,
        ignores: [],
      },
      asked: PLACE,
      known: PLACE,
      plan: { graceMs: 5_000, onError: (error) => this.errors.push(error) },
      ...init,
    });
  }

  worker(index: number): FakeWorker {
    const worker = this.spawned[index];
    assert.ok(worker, `worker ${index} of ${this.spawned.length}`);
    return worker;
  }

  /** The newest. */
  get last(): FakeWorker {
    return this.worker(this.spawned.length - 1);
  }

  /** Brings all workers up. */
  async start(): Promise<void> {
    const started = this.server.start();
    for (const worker of this.spawned) worker.comeUp();
    await started;
  }
}

/** A bench of one worker that is up. */
async function one(init: Partial<WorkerServerInit> = {}): Promise<Bench> {
  const bench = new Bench({ count: 1, ...init });
  await bench.start();
  return bench;
}

const STOPPED: FromWorker = {
  type: "stopped",
  report: { finished: 3, reset: 1 },
  stats: new Tally().read([]),
};

test("a server is up when all of its workers are", async () => {
  const bench = new Bench();
  let isUp = false;
  const started = bench.server.start().then(() => isUp = true);
  assert.equal(bench.spawned.length, 2);
  bench.worker(0).comeUp();
  await Promise.resolve();
  assert.equal(isUp, false);
  bench.worker(1).comeUp();
  await started;
  assert.deepEqual(bench.server.address, PLACE);
});

test("with port 0 the first one's port is everyone's", async () => {
  const bench = new Bench({ asked: { ...PLACE, port: 0 }, known: undefined });
  const started = bench.server.start();
  assert.equal(bench.spawned.length, 1);
  bench.worker(0).comeUp({ ...PLACE, port: 4711 });
  assert.deepEqual(bench.worker(0).orders.address, { ...PLACE, port: 0 });
  bench.worker(1).comeUp({ ...PLACE, port: 4711 });
  assert.deepEqual(bench.worker(1).orders.address, { ...PLACE, port: 4711 });
  await started;
  assert.equal((bench.server.address as { port: number }).port, 4711);
});

test("those of a cluster ask for what the first of them did", async () => {
  const zero: Address = { ...PLACE, port: 0 };
  const place: Address = { ...PLACE, port: 4711 };
  const bench = new Bench({ asked: zero, known: undefined, reusePort: false });
  const started = bench.server.start();
  const asks = (index: number, address: Address) => {
    bench.worker(index).comeUp(place);
    assert.deepEqual(bench.worker(index).orders.address, address);
  };
  asks(0, zero);
  asks(1, zero);
  await started;
  // One holds it still.
  bench.worker(0).exit(1);
  bench.clock.advance(100);
  asks(2, zero);
  // Nobody does.
  bench.worker(1).exit(1);
  bench.worker(2).exit(1);
  bench.clock.advance(200);
  asks(3, place);
  asks(4, place);
});

test("a worker that got another port is ended, and tries again", async () => {
  const bench = await one();
  bench.last.exit(1);
  bench.clock.advance(100);
  bench.last.comeUp({ ...PLACE, port: 4712 });
  bench.clock.advance(200);
  assert.equal(bench.spawned.length, 3);
  assert.deepEqual(bench.server.address, PLACE);
});

test("a worker that dies is begun anew after 100 ms, doubling to 10 s", async () => {
  const bench = await one();
  for (
    const waitMs of [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]
  ) {
    const count = bench.spawned.length;
    bench.last.exit(1);
    bench.clock.advance(waitMs - 1);
    assert.equal(bench.spawned.length, count, `before ${waitMs} ms`);
    bench.clock.advance(1);
    assert.equal(bench.spawned.length, count + 1, `after ${waitMs} ms`);
    bench.last.comeUp();
  }
  assert.equal(bench.server.stats.workersRestarted, 9);
  assert.equal(bench.server.state, "listening");
});

test("60 s of life make the wait short again", async () => {
  const bench = await one();
  const dieAfter = (ms: number) => {
    bench.clock.advance(ms);
    bench.last.exit(1);
  };
  dieAfter(1_000);
  bench.clock.advance(100);
  bench.last.comeUp();
  dieAfter(59_999);
  bench.clock.advance(199);
  assert.equal(bench.spawned.length, 2);
  bench.clock.advance(1);
  bench.last.comeUp();
  dieAfter(60_000);
  bench.clock.advance(100);
  assert.equal(bench.spawned.length, 4);
});

test("five that die before they listen are the end, of which all are told", async () => {
  const bench = await one();
  bench.last.exit(1);
  for (const waitMs of [100, 200, 400, 800, 1_600]) {
    bench.clock.advance(waitMs);
    bench.last.fail(new TypeError("no such table"));
    bench.last.exit(1);
  }
  await bench.server.closed;
  assert.equal(bench.server.state, "closed");
  assert.deepEqual(bench.errors.map(String), ["TypeError: no such table"]);
  assert.equal(bench.clock.pending, 0);
});

test("four of them and one that listens are not", async () => {
  const bench = await one();
  for (let round = 0; round < 3; round++) {
    bench.last.exit(1);
    for (let early = 0; early < 4; early++) {
      bench.clock.advance(10_000);
      bench.last.exit(1);
    }
    bench.clock.advance(10_000);
    bench.last.comeUp();
  }
  assert.equal(bench.server.state, "listening");
  assert.deepEqual(bench.errors, []);
});

test("what the first workers say prevents the start at once", async () => {
  const bench = new Bench();
  const started = bench.server.start();
  const error = new RangeError("no such module");
  bench.worker(1).say({ type: "failed", error: toSent(error) });
  await assert.rejects(started, (thrown: Error) => {
    assert.ok(thrown instanceof RangeError);
    assert.equal(thrown.message, "no such module");
    return true;
  });
  assert.deepEqual(bench.errors, []);
  bench.worker(0).exit(0);
  await bench.server.closed;
  assert.equal(bench.clock.pending, 0);
});

test("a first worker that ends without a word is begun anew, five times", async () => {
  const bench = new Bench({ count: 1 });
  const started = bench.server.start();
  for (const waitMs of [100, 200, 400, 800]) {
    bench.last.exit(7);
    bench.clock.advance(waitMs);
  }
  assert.equal(bench.spawned.length, 5);
  bench.last.exit(7);
  await assert.rejects(started, { code: "ECHILD", message: /exit code 7/ });
});

test("a worker that cannot be had says why", async () => {
  const bench = new Bench();
  bench.prevents = new Fault("EPERM", undefined, "no --allow-run");
  await assert.rejects(bench.server.start(), {
    ...{ name: "PermissionError", code: "EPERM", op: "serve" },
    message: /no --allow-run/,
  });
  assert.equal(bench.clock.pending, 0);
});

test("a worker that does not listen in time is ended", async () => {
  const bench = new Bench({ count: 1 });
  const started = bench.server.start();
  bench.last.say({ type: "ready" });
  bench.clock.advance(60_000);
  await assert.rejects(started, { name: "TimeoutError", op: "serve" });
});

test("a worker that answers is left alone, for however long", async () => {
  const bench = await one();
  bench.clock.advance(3_600_000);
  assert.equal(bench.spawned.length, 1);
  assert.equal(bench.last.pings, 1 + 3_600_000 / 7_500);
});

test("a worker that does not answer for 30 s is ended and replaced", async () => {
  const bench = await one();
  bench.clock.advance(7_499);
  bench.last.isAlive = false;
  bench.clock.advance(30_000);
  bench.clock.advance(100);
  assert.equal(bench.spawned.length, 1);
  bench.clock.advance(1);
  bench.clock.advance(100);
  assert.equal(bench.spawned.length, 2);
});

test("any word is an answer", async () => {
  const bench = await one();
  bench.last.isAlive = false;
  const stats = new Tally().read([]);
  for (let i = 0; i < 20; i++) {
    bench.clock.advance(20_000);
    bench.last.say({ type: "stats", stats });
  }
  assert.equal(bench.spawned.length, 1);
});

test("a server that was busy itself takes no worker for stuck", async () => {
  const bench = await one();
  const worker = bench.last;
  // Its questions all come late, and so do the answers.
  worker.isAlive = false;
  bench.clock.advance(7_500);
  worker.say({ type: "pong" });
  bench.clock.advance(22_500);
  worker.say({ type: "pong" });
  bench.clock.advance(22_500);
  assert.equal(bench.spawned.length, 1);
});

test("what a dead worker still says is not heard", async () => {
  const bench = await one();
  const old = bench.last;
  old.exit(1);
  bench.clock.advance(100);
  old.exit(1);
  old.say({ type: "failed", error: toSent(new Error("old")) });
  old.fail(new Error("old"));
  bench.last.comeUp();
  assert.equal(bench.spawned.length, 2);
  assert.deepEqual(bench.errors, []);
});

test("figures are sums, and what a dead worker had has failed", async () => {
  const bench = new Bench();
  await bench.start();
  const none = new Tally().read([]);
  const of = (accepted: number, active: number) => ({
    ...{ ...none, accepted, active, finished: accepted - active },
    timedOut: { ...none.timedOut, idle: 0 },
    bytesSent: accepted,
  });
  bench.worker(0).say({ type: "stats", stats: of(5, 2) });
  bench.worker(1).say({ type: "stats", stats: of(7, 1) });
  const { server } = bench;
  assert.equal(server.stats.accepted, 12);
  assert.equal(server.stats.active, 3);
  bench.worker(0).exit(1);
  const { accepted, active, finished, failed, bytesSent } = server.stats;
  assert.deepEqual([accepted, active, finished, failed], [12, 1, 9, 2]);
  assert.equal(bytesSent, 12);
});

test("errors of workers are told as those of the server", async () => {
  const bench = await one();
  const error = toSent(new TypeError("in a handler"));
  bench.last.say({ type: "error", error });
  bench.last.fail("thrown outside");
  assert.ok(bench.errors[0] instanceof TypeError);
  assert.equal(bench.errors[1], "thrown outside");
});

test("a stop is told to all at once, and reports for all", async () => {
  const bench = new Bench();
  await bench.start();
  const closed = bench.server.stop({ graceMs: 2_000 });
  assert.equal(bench.server.state, "stopping");
  for (const worker of bench.spawned) {
    assert.deepEqual(worker.heard.at(-1), { type: "stop", graceMs: 2_000 });
    worker.say(STOPPED);
    worker.exit(0);
  }
  assert.deepEqual(await closed, { finished: 6, reset: 2 });
  assert.equal(bench.server.state, "closed");
  assert.equal(bench.server.stats.workersRestarted, 0);
  assert.equal(bench.clock.pending, 0);
});

test("a worker that outlives the grace is ended, with what it had", async () => {
  const bench = await one();
  const stats = { ...new Tally().read([]), accepted: 4, active: 4 };
  bench.last.say({ type: "stats", stats });
  const closed = bench.server.stop({ graceMs: 2_000 });
  bench.clock.advance(2_250);
  assert.deepEqual(await closed, { finished: 0, reset: 4 });
});

test("the shorter grace wins", async () => {
  const bench = await one();
  const closed = bench.server.stop({ graceMs: 60_000 });
  void bench.server.stop();
  void bench.server.stop({ graceMs: 30_000 });
  const graces = bench.last.heard.slice(1)
    .map((each) => (each as { graceMs: number }).graceMs);
  assert.deepEqual(graces, [60_000, 5_000]);
  bench.clock.advance(5_250);
  await closed;
});

test("a stuck worker holds up no stop that waits for ever", async () => {
  const bench = await one();
  bench.last.isAlive = false;
  const closed = bench.server.stop({ graceMs: Infinity });
  bench.clock.advance(40_000);
  await closed;
});

test("a stop while a worker is awaited begins none", async () => {
  const bench = new Bench();
  await bench.start();
  bench.worker(0).exit(1);
  const closed = bench.server.stop();
  bench.worker(1).exit(0);
  await closed;
  bench.clock.advance(60_000);
  assert.equal(bench.spawned.length, 2);
  assert.equal(bench.clock.pending, 0);
});

test("a stop while a worker starts ends it", async () => {
  const bench = await one();
  bench.last.exit(1);
  bench.clock.advance(100);
  const closed = bench.server.stop();
  bench.last.say({ type: "ready" });
  await closed;
});

test("a stop of a worker's handler is everyone's", async () => {
  const bench = new Bench();
  await bench.start();
  bench.worker(0).say({ type: "stop", graceMs: 0 });
  assert.deepEqual(bench.worker(1).heard.at(-1), { type: "stop", graceMs: 0 });
  for (const worker of bench.spawned) worker.exit(0);
  await bench.server.closed;
});

test("whoever stops before the start is told so", async () => {
  const bench = new Bench();
  const started = bench.server.start();
  const closed = bench.server.stop({ graceMs: 0 });
  for (const worker of bench.spawned) worker.exit(0);
  await assert.rejects(started, { code: "ECANCELED" });
  await closed;
});

test("unref is of the workers there are and of those to come", async () => {
  const bench = await one();
  bench.server.unref();
  assert.equal(bench.last.isRef, false);
  bench.last.exit(1);
  bench.clock.advance(100);
  assert.equal(bench.last.isRef, false);
  bench.server.ref();
  assert.equal(bench.last.isRef, true);
});

test("whatever a worker throws can be told to whom it serves", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const odd = new Error("odd");
  Object.assign(odd, { message: () => "no text", name: Symbol("none") });
  const closed = Object.defineProperty(new Error(), "message", {
    get: () => {
      throw new Error("not to be looked at");
    },
  });
  for (const thrown of [proxy, odd, closed, null, () => {}, Symbol("x"), 1n]) {
    const { name, message } = structuredClone(toSent(thrown));
    assert.deepEqual([typeof name, typeof message], ["string", "string"]);
    assert.notEqual(message, "");
  }
});
