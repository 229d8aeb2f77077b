/**
 * Python's classes: the order of their methods, whatever fails.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type Address,
  AF_INET,
  connect,
  Fault,
  type Runtime,
  SOCK_DGRAM,
  socket,
  SOMAXCONN,
  type StreamSocket,
} from "../../mod.ts";
import {
  BaseRequestHandler,
  DatagramRequestHandler,
  StreamRequestHandler,
  TcpServer,
  UdpServer,
  UnixDatagramServer,
  UnixStreamServer,
} from "../../src/server/mod.ts";
import { FakeClock, memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";
import { ask, deferred, endOf, onEach, until } from "./support.ts";

const GONE = new Fault("ECONNRESET");
const LOCAL = ["127.0.0.1", 0] as const;

function dial(server: TcpServer, runtime: Runtime): Promise<StreamSocket> {
  return connect(server.serverAddress, { runtime });
}

/** The methods called for a request; of each, whether it fails. */
class Recording extends TcpServer {
  readonly calls: string[] = [];
  fails: readonly string[] = [];
  refuses = false;
  override graceMs = 1000;

  note(name: string): void {
    this.calls.push(name);
    if (this.fails.includes(name)) throw new Error(name);
  }

  /** Asynchronous ones take a while, so that an order means something. */
  async slowly(name: string, then: () => unknown): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.note(name);
    await then();
  }

  override async getRequest(): Promise<[StreamSocket, Address]> {
    const [request, address] = await super.getRequest();
    this.calls.push("getRequest");
    return [request, address];
  }

  override verifyRequest(): boolean {
    this.note("verifyRequest");
    return !this.refuses;
  }

  override async processRequest(r: StreamSocket, a: Address): Promise<void> {
    await this.slowly("processRequest", () => super.processRequest(r, a));
  }

  override async finishRequest(r: StreamSocket, a: Address): Promise<void> {
    await this.slowly("finishRequest", () => super.finishRequest(r, a));
  }

  override async shutdownRequest(request: StreamSocket): Promise<void> {
    await this.slowly("shutdownRequest", () => super.shutdownRequest(request));
  }

  override async closeRequest(request: StreamSocket): Promise<void> {
    await this.slowly("closeRequest", () => super.closeRequest(request));
  }

  override handleError(_: StreamSocket, address: Address, error: Error): void {
    assert.ok("port" in address);
    this.calls.push(`handleError(${error.message})`);
    if (this.fails.includes("handleError")) throw new Error("handleError");
  }
}

class RecordingHandler extends BaseRequestHandler {
  get #server(): Recording {
    return this.server as Recording;
  }

  override async setup(): Promise<void> {
    await this.#server.slowly("setup", () => {});
  }

  override handle(): void {
    this.#server.note("handle");
  }

  override async finish(): Promise<void> {
    await this.#server.slowly("finish", () => {});
  }
}

const BEFORE = ["getRequest", "verifyRequest"];
const SERVED = [...BEFORE, "processRequest", "finishRequest"];
const END = ["shutdownRequest", "closeRequest"];

const ORDERS: readonly (readonly [string, readonly string[], string[]])[] = [
  ["nothing", [], [...SERVED, "setup", "handle", "finish", ...END]],
  ["verifyRequest", ["verifyRequest"], [
    ...[...BEFORE, "handleError(verifyRequest)", ...END],
  ]],
  ["processRequest", ["processRequest"], [
    ...[...BEFORE, "processRequest", "handleError(processRequest)", ...END],
  ]],
  ["finishRequest", ["finishRequest"], [
    ...[...SERVED, "handleError(finishRequest)", ...END],
  ]],
  ["setup", ["setup"], [...SERVED, "setup", "handleError(setup)", ...END]],
  ["handle", ["handle"], [
    ...[...SERVED, "setup", "handle", "finish", "handleError(handle)", ...END],
  ]],
  ["finish", ["finish"], [
    ...[...SERVED, "setup", "handle", "finish", "handleError(finish)", ...END],
  ]],
  ["shutdownRequest", ["shutdownRequest"], [
    ...[...SERVED, "setup", "handle", "finish", "shutdownRequest"],
    "handleError(shutdownRequest)",
  ]],
  ["closeRequest", ["closeRequest"], [
    ...[...SERVED, "setup", "handle", "finish", ...END],
    "handleError(closeRequest)",
  ]],
  ["handleError too", ["handle", "handleError"], [
    ...[...SERVED, "setup", "handle", "finish", "handleError(handle)", ...END],
  ]],
];

for (const [name, fails, calls] of ORDERS) {
  onEach(
    `the methods of a request are called in order; ${name} fails`,
    async (runtime) => {
      await using server = new Recording(LOCAL, RecordingHandler, { runtime });
      server.fails = fails;
      const served = server.serveForever();
      await server.activated;
      const client = await dial(server, runtime);
      await endOf(client);
      await client.close();
      await server.shutdown();
      await served;
      await server.serverClose();
      assert.deepEqual(server.calls, calls);
      const isTwice = fails.includes("handleError");
      assert.equal(server.handleErrorFailures, isTwice ? 1 : 0);
    },
  );
}

onEach("a request that is refused is only shut down", async (runtime) => {
  await using server = new Recording(LOCAL, RecordingHandler, { runtime });
  server.refuses = true;
  void server.serveForever();
  await server.activated;
  const client = await dial(server, runtime);
  await endOf(client);
  await client.close();
  await server.serverClose();
  assert.deepEqual(server.calls, [...BEFORE, ...END]);
});

class Echo extends BaseRequestHandler {
  override async handle(): Promise<void> {
    for await (const bytes of this.request) await this.request.sendAll(bytes);
  }
}

onEach("requests are served at the same time", async (runtime) => {
  await using server = new TcpServer(LOCAL, Echo, { runtime });
  const served = server.serveForever();
  await server.activated;
  const clients = await Promise.all(
    Array.from({ length: 5 }, () => dial(server, runtime)),
  );
  for (const client of clients) assert.equal(await ask(client, "x"), "x");
  await Promise.all(clients.map((client) => client.close()));
  await server.shutdown();
  await served;
});

onEach(
  "requests are served one by one if that is asked for",
  async (runtime) => {
    let [most, now] = [0, 0];
    class One extends Echo {
      override async handle(): Promise<void> {
        most = Math.max(most, ++now);
        await super.handle();
        now--;
      }
    }
    await using server = new TcpServer(LOCAL, One, { runtime });
    server.concurrent = false;
    void server.serveForever();
    await server.activated;
    const clients = await Promise.all(
      [1, 2, 3].map(() => dial(server, runtime)),
    );
    for (const client of clients) {
      assert.equal(await ask(client, "x"), "x");
      await client.close();
    }
    assert.equal(most, 1);
  },
);

onEach(
  "a handler may shut its server down and wait for it",
  async (runtime) => {
    for (const concurrent of [true, false]) {
      class Last extends BaseRequestHandler {
        override async handle(): Promise<void> {
          await this.server.shutdown();
          await this.request.sendAll("down");
        }
      }
      await using server = new TcpServer(LOCAL, Last, { runtime });
      server.concurrent = concurrent;
      const served = server.serveForever();
      await server.activated;
      const client = await dial(server, runtime);
      assert.equal((await client.recvExactly(4)).length, 4);
      await client.close();
      await served;
    }
  },
);

onEach("a server may serve again after it was shut down", async (runtime) => {
  await using server = new TcpServer(LOCAL, Echo, { runtime });
  for (let round = 0; round < 3; round++) {
    const served = server.serveForever({ pollIntervalMs: 5 });
    await server.activated;
    const client = await dial(server, runtime);
    assert.equal(await ask(client, "x"), "x");
    await client.close();
    await server.shutdown();
    await served;
  }
});

onEach(
  "who comes when nobody serves is served later, or let go",
  async (runtime) => {
    const server = new TcpServer(LOCAL, Echo, { runtime });
    void server.serveForever();
    await server.activated;
    await server.shutdown();
    const client = await dial(server, runtime);
    await client.sendAll("x");
    await server.serverClose();
    await endOf(client);
    await client.close({ lingerMs: 0 });
  },
);

test("serviceActions comes at every interval and after each request", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock });
  let actions = 0;
  class Counting extends TcpServer {
    override serviceActions(): void {
      actions++;
    }
  }
  await using server = new Counting(LOCAL, Echo, { runtime });
  void server.serveForever();
  await server.activated;
  for (let half = 1; half <= 3; half++) {
    await until(() => clock.pending === 1);
    clock.advance(499);
    assert.equal(actions, half - 1);
    clock.advance(1);
    await until(() => actions === half);
  }
  const client = await dial(server, runtime);
  await until(() => actions === 4);
  await client.close();
  await server.shutdown();
  await server.serverClose();
  clock.advance(10_000);
  assert.equal(clock.pending, 0);
});

onEach("handleRequest serves one request to its end", async (runtime) => {
  await using server = new Recording(LOCAL, RecordingHandler, { runtime });
  await server.activated;
  const clients = await Promise.all([
    dial(server, runtime),
    dial(server, runtime),
  ]);
  await server.handleRequest();
  assert.equal(server.calls.at(-1), "closeRequest");
  assert.equal(server.calls.filter((call) => call === "handle").length, 1);
  await server.handleRequest();
  await Promise.all(clients.map((client) => client.close()));
});

test("handleRequest calls handleTimeout once when nobody comes", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock });
  let timeouts = 0;
  class Waiting extends TcpServer {
    override timeout: number | null = 2000;
    override handleTimeout(): void {
      timeouts++;
    }
  }
  await using server = new Waiting(LOCAL, Echo, { runtime });
  const handled = server.handleRequest();
  await until(() => clock.pending === 1);
  clock.advance(1999);
  assert.equal(timeouts, 0);
  clock.advance(1);
  await handled;
  assert.equal(timeouts, 1);
});

onEach("a loop may serve requests by itself", async (runtime) => {
  const server = new Recording(LOCAL, RecordingHandler, { runtime });
  await server.activated;
  const clients = await Promise.all([1, 2].map(() => dial(server, runtime)));
  let count = 0;
  for await (const [request] of server) {
    await request.sendAll("by hand");
    if (++count === 2) break;
  }
  for (const client of clients) {
    assert.equal((await client.recvExactly(7)).length, 7);
    assert.equal(await endOf(client), "end");
    await client.close();
  }
  const one = [...BEFORE, ...END];
  assert.deepEqual(server.calls, [...one, ...one]);
  await server.serverClose();
});

test("a loop over requests ends when the server is closed", async () => {
  const runtime = memoryNetwork();
  const server = new TcpServer(LOCAL, Echo, { runtime });
  await server.activated;
  const looped = (async () => {
    for await (const _ of server) assert.fail();
  })();
  await server.serverClose();
  await looped;
});

class Shout extends StreamRequestHandler {
  override async handle(): Promise<void> {
    while (true) {
      const line = await this.rfile.readLine();
      if (line === null) break;
      await this.wfile.write(new TextDecoder().decode(line).toUpperCase());
    }
  }
}

onEach("a handler of streams reads and writes files", async (runtime) => {
  for (const size of [0, 1000]) {
    class Sized extends Shout {
      override wbufsize: number = size;
    }
    await using server = new TcpServer(LOCAL, Sized, { runtime });
    void server.serveForever();
    await server.activated;
    const client = await dial(server, runtime);
    await client.sendAll("one\ntwo");
    if (size === 0) assert.equal((await client.recvExactly(4)).length, 4);
    await client.shutdown(1);
    const file = client.makeFile("r", { encoding: "utf-8" });
    const rest = await file.read();
    await file.close();
    assert.equal(rest, size === 0 ? "TWO" : "ONE\nTWO");
    await client.close();
  }
});

onEach("that the peer has gone is no failure of finish", async (runtime) => {
  class Late extends StreamRequestHandler {
    override wbufsize = 10;
    override async handle(): Promise<void> {
      await this.wfile.write("late");
      await gone.promise;
      this.connection.cut(GONE);
    }
  }
  const errors: unknown[] = [];
  class Quiet extends TcpServer {
    override handleError(_: StreamSocket, __: Address, error: unknown): void {
      errors.push(error);
    }
  }
  const gone = deferred();
  await using server = new Quiet(LOCAL, Late, { runtime });
  void server.serveForever();
  await server.activated;
  const client = await dial(server, runtime);
  gone.resolve();
  await endOf(client);
  await client.close();
  await server.serverClose();
  assert.deepEqual(errors, []);
});

test("a handler of streams has a timeout", async () => {
  const runtime = memoryNetwork();
  const errors: unknown[] = [];
  class Impatient extends StreamRequestHandler {
    override timeout: number | null = 5;
    override async handle(): Promise<void> {
      await this.rfile.readLine();
    }
  }
  class Noting extends TcpServer {
    override handleError(_: StreamSocket, __: Address, error: unknown): void {
      errors.push((error as Error).name);
    }
  }
  await using server = new Noting(LOCAL, Impatient, { runtime });
  void server.serveForever();
  await server.activated;
  const client = await dial(server, runtime);
  assert.equal(await endOf(client), "end");
  await client.close();
  assert.deepEqual(errors, ["TimeoutError"]);
});

onEach("serverClose ends handlers that do not", async (runtime) => {
  const server = new TcpServer(LOCAL, Echo, { runtime });
  server.graceMs = 20;
  const served = server.serveForever();
  await server.activated;
  const client = await dial(server, runtime);
  assert.equal(await ask(client, "x"), "x");
  const { error } = console;
  console.error = () => {};
  await server.serverClose();
  await served;
  await endOf(client);
  await client.close({ lingerMs: 0 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  console.error = error;
});

test("handleError writes who it was and what failed", async () => {
  const runtime = memoryNetwork();
  class Failing extends BaseRequestHandler {
    override handle(): void {
      throw new Error("as it was told");
    }
  }
  const written: unknown[][] = [];
  const { error } = console;
  console.error = (...args: unknown[]) => written.push(args);
  try {
    await using server = new TcpServer(LOCAL, Failing, { runtime });
    void server.serveForever();
    await server.activated;
    const client = await dial(server, runtime);
    await endOf(client);
    await client.close();
  } finally {
    console.error = error;
  }
  assert.equal(written.length, 4);
  assert.match(String(written[1]), /processing of request from.*127\.0\.0\.1:/);
  assert.equal((written[2]?.[0] as Error).message, "as it was told");
});

onEach("an address in use is told by whatever serves", async (runtime) => {
  await using first = new TcpServer(LOCAL, Echo, { runtime });
  await first.activated;
  const second = new TcpServer(first.serverAddress, Echo, { runtime });
  await assert.rejects(second.serveForever(), { code: "EADDRINUSE" });
  await assert.rejects(second.handleRequest(), { code: "EADDRINUSE" });
  await assert.rejects(second.activated, { code: "EADDRINUSE" });
  await second.serverClose();
});

test("a server may be bound and activated by hand", async () => {
  const runtime = memoryNetwork();
  const options = { runtime, bindAndActivate: false };
  await using server = new TcpServer(LOCAL, Echo, options);
  assert.throws(() => server.socket, { code: "EINVAL" });
  await server.serverBind();
  await server.serverActivate();
  void server.serveForever();
  const client = await dial(server, runtime);
  assert.equal(await ask(client, "x"), "x");
  await client.close();
});

test("the values of a server are Python's, or better", () => {
  const options = { bindAndActivate: false, runtime: memoryNetwork() };
  const tcp = new TcpServer(LOCAL, Echo, options);
  const { requestQueueSize, allowReuseAddress, allowReusePort, timeout } = tcp;
  assert.deepEqual(
    [requestQueueSize, allowReuseAddress, allowReusePort, timeout],
    [SOMAXCONN, true, false, null],
  );
  assert.equal(tcp.blockOnClose, true);
  const udp = new UdpServer(LOCAL, Answer, options);
  assert.deepEqual([udp.maxPacketSize, udp.maxPending], [65_535, 1024]);
});

test("a misuse of a server of classes is the caller's mistake", async () => {
  const runtime = memoryNetwork();
  assert.throws(() => new TcpServer(LOCAL, undefined as never), TypeError);
  const wrong = { bindAndActive: true } as never;
  assert.throws(() => new TcpServer(LOCAL, Echo, wrong), TypeError);
  await using server = new TcpServer(LOCAL, Echo, { runtime });
  await assert.rejects(server.serveForever({ pollIntervalMs: 0 }), RangeError);
  const often = { pollIntervalMs: "5" as never };
  await assert.rejects(server.serveForever(often), TypeError);
  void server.serveForever();
  await assert.rejects(server.serveForever(), TypeError);
  await server.activated;
  await until(() => server.socket.getSockName() !== undefined);
  await assert.rejects(server.handleRequest(), TypeError);
});

test("what a server of classes cannot be is told by its name", async () => {
  const runtime = memoryNetwork();
  const flag = { runtime, bindAndActivate: "yes" as never };
  assert.throws(() => new TcpServer(LOCAL, Echo, flag), /bindAndActivate/);
  for (const value of [0, -1, 1.5, NaN, "5" as never]) {
    const tcp = new TcpServer(LOCAL, Echo, { runtime });
    tcp.maxConnections = value;
    await assert.rejects(tcp.activated, /maxConnections/);
    for (const name of ["maxPending", "maxPacketSize"] as const) {
      const udp = new UdpServer(LOCAL, Answer, { runtime });
      udp[name] = value;
      await assert.rejects(udp.activated, new RegExp(name));
    }
  }
  await using server = new TcpServer(LOCAL, Echo, { runtime });
  for (const value of [-1, NaN, "5" as never]) {
    server.timeout = value;
    await assert.rejects(server.handleRequest(), /timeout/);
  }
});

for (const turns of [0, 1, 2, 3, 10]) {
  onEach(`a server of classes is closed ${turns} steps on`, async (runtime) => {
    for (const Server of [TcpServer, UdpServer]) {
      const server = new Server(LOCAL, Echo as never, { runtime });
      for (let turn = 0; turn < turns; turn++) await null;
      await server.serverClose();
      await server.activated.catch(({ code }) => {
        assert.ok(["ECANCELED", "EBADF"].includes(code), code);
      });
      assert.throws(() => {
        if (server.socket.isClosed) throw new Error("closed");
      });
    }
  });
}

test("a getRequest that never settles holds no serverClose", async () => {
  const runtime = memoryNetwork();
  const taken = deferred<StreamSocket>();
  class Waiting extends TcpServer {
    override async getRequest(): Promise<[StreamSocket, Address]> {
      const [request] = await super.getRequest();
      taken.resolve(request);
      return new Promise(() => {});
    }
  }
  const server = new Waiting(LOCAL, Echo, { runtime });
  server.graceMs = 5;
  const serving = server.serveForever();
  await server.activated;
  const client = await connect(server.socket.getSockName(), { runtime });
  const request = await taken.promise;
  await server.serverClose();
  await serving;
  await request.close({ lingerMs: 0 });
  await client.close({ lingerMs: 0 });
});

test("a serviceActions that never settles holds no shutdown", async () => {
  const begun = deferred();
  class Stuck extends TcpServer {
    override serviceActions(): Promise<void> {
      begun.resolve();
      return new Promise(() => {});
    }
  }
  const server = new Stuck(LOCAL, Echo, { runtime: memoryNetwork() });
  const serving = server.serveForever({ pollIntervalMs: 1 });
  await begun.promise;
  await server.shutdown();
  await serving;
  await server.serverClose();
});

test("a serverBind that never settles holds no serverClose", async () => {
  class Stuck extends TcpServer {
    override graceMs = 5;
    override serverBind(): Promise<void> {
      return new Promise(() => {});
    }
  }
  const server = new Stuck(LOCAL, Echo, { runtime: memoryNetwork() });
  await server.serverClose();
});

test("serviceActions may await the end of the server", async () => {
  class Brief extends TcpServer {
    override async serviceActions(): Promise<void> {
      await this.shutdown();
    }
  }
  await using server = new Brief(LOCAL, Echo, { runtime: memoryNetwork() });
  await server.serveForever({ pollIntervalMs: 1 });
});

test("what serviceActions fails with ends serveForever", async () => {
  class Failing extends TcpServer {
    override serviceActions(): Promise<void> {
      return Promise.reject(new Error("no service"));
    }
  }
  await using server = new Failing(LOCAL, Echo, { runtime: memoryNetwork() });
  const serving = server.serveForever({ pollIntervalMs: 1 });
  await assert.rejects(serving, /no service/);
});

test("a shutdownRequest that never settles holds no serverClose", async () => {
  const taken = deferred();
  class Stuck extends TcpServer {
    override graceMs = 5;
    override async getRequest(): Promise<[StreamSocket, Address]> {
      const [...request] = await super.getRequest();
      taken.resolve();
      return request;
    }
    override shutdownRequest(): Promise<void> {
      return new Promise(() => {});
    }
  }
  const runtime = memoryNetwork();
  const server = new Stuck(LOCAL, Echo, { runtime });
  server.timeout = 0;
  await server.activated;
  await server.handleRequest(); // asks, and leaves what comes later
  const client = await connect(server.socket.getSockName(), { runtime });
  await taken.promise;
  await server.serverClose();
  await endOf(client);
  await client.close({ lingerMs: 0 });
});

class Answer extends DatagramRequestHandler {
  override handle(): void {
    for (let line = this.rfile.readLine(); line; line = this.rfile.readLine()) {
      this.wfile.write(new TextDecoder().decode(line).toUpperCase());
    }
  }
}

onEach("a server of datagrams answers each", async (runtime) => {
  await using server = new UdpServer(LOCAL, Answer, { runtime });
  void server.serveForever();
  await server.activated;
  const client = socket(AF_INET, SOCK_DGRAM, 0, { runtime });
  for (const text of ["one", "two\nlines", ""]) {
    await client.sendTo(text, server.serverAddress);
    if (text === "") continue;
    const [answer] = await client.recvFrom();
    assert.equal(new TextDecoder().decode(answer), text.toUpperCase());
  }
  await client.close();
});

onEach(
  "a server of classes serves a Unix path",
  (runtime) =>
    withTempDir(async (dir) => {
      const path = join(dir, "server.sock");
      await using server = new UnixStreamServer(path, Echo, { runtime });
      void server.serveForever();
      await server.activated;
      const client = await dial(server, runtime);
      assert.equal(await ask(client, "x"), "x");
      await client.close();
    }),
);

test("a server of Unix datagrams is there where the runtime has them", async () => {
  const runtime = memoryNetwork();
  const server = new UnixDatagramServer("/run/answers", Answer, { runtime });
  if (runtime.supports.unixDatagrams === true) await server.activated;
  else await assert.rejects(server.activated, { code: "EOPNOTSUPP" });
  await server.serverClose();
});
