/**
 * Servers: handlers and what becomes of their connections.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  connect,
  listen,
  SHUT_WR,
  SocketError,
  type StreamSocket,
} from "../../mod.ts";
import {
  type ConnectionContext,
  serve,
  type Server,
} from "../../src/server/mod.ts";
import { planOf } from "../../src/server/options.ts";
import { framed, lines } from "../../src/framing/mod.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";
import {
  addsUp,
  ask,
  clientOf,
  closeAll,
  deferred,
  echo,
  endOf,
  isReset,
  onEach,
  until,
  visit,
} from "./support.ts";

onEach("a server gives each connection to its handler", async (runtime) => {
  await using server = await serve("127.0.0.1:0", echo, { runtime });
  const clients = await Promise.all(
    Array.from({ length: 20 }, () => clientOf(server, runtime)),
  );
  const answers = await Promise.all(
    clients.map((client, i) => ask(client, `I am ${i}`)),
  );
  assert.deepEqual(answers, clients.map((_, i) => `I am ${i}`));
  const { accepted, active } = server.stats;
  assert.deepEqual([accepted, active], [20, 20]);
  assert.deepEqual(
    [...server.connections].map(({ id }) => id),
    [
      ...Array(20).keys(),
    ].map((i) => i + 1),
  );
  await closeAll(clients);
  await until(() => server.stats.active === 0);
  addsUp(server.stats);
});

/** What a handler sends by way of what gathers bytes, and forgets to flush. */
const GATHERED: Readonly<
  Record<string, (connection: StreamSocket) => Promise<void>>
> = {
  framed: (connection) => framed(connection, lines()).send("welcome"),
  "a file": (connection) => connection.makeFile("w").write("welcome\n"),
};

for (const [what, send] of Object.entries(GATHERED)) {
  onEach(`what a handler sent through ${what} arrives`, async (runtime) => {
    const server = await serve("127.0.0.1:0", send, { runtime });
    const client = await clientOf(server, runtime);
    const line = await client.recvUntil("\n");
    assert.equal(new TextDecoder().decode(line), "welcome");
    assert.equal(await client.recv(), null);
    await client.close();
    await server.stop();
    assert.equal(server.stats.finished, 1);
  });
}

onEach("a file that cannot be flushed holds no connection", async (runtime) => {
  const handled = deferred();
  const server = await serve("127.0.0.1:0", (connection) => {
    // Nobody reads: it stays where it is.
    const sending = connection.sendAll(new Uint8Array(20_000_000));
    sending.catch(() => {});
    connection.makeFile("w");
    handled.resolve();
  }, { runtime });
  const client = await clientOf(server, runtime);
  await handled.promise;
  const { finished, reset } = await server.stop({ graceMs: 200 });
  assert.equal(finished + reset, 1);
  await client.close({ lingerMs: 0 });
});

onEach("a connection is closed when its handler settles", async (runtime) => {
  const server = await serve("127.0.0.1:0", async (connection) => {
    await connection.sendAll("bye");
  }, { runtime });
  const client = await clientOf(server, runtime);
  assert.equal((await client.recvExactly(3)).length, 3);
  assert.equal(await client.recv(), null);
  await client.close();
  await until(() => server.stats.active === 0);
  const { finished, bytesSent } = server.stats;
  assert.deepEqual([finished, bytesSent], [1, 3]);
  await server.stop();
});

onEach(
  "a connection is closed though its handler left files open",
  async (runtime) => {
    await using server = await serve("127.0.0.1:0", async (connection) => {
      const file = connection.makeFile("rw", { encoding: "utf-8" });
      await file.write("bye\n");
      await file.flush();
    }, { runtime });
    const client = await clientOf(server, runtime);
    assert.equal(await endOf(client), "end");
    await client.close();
  },
);

onEach("a handler that fails harms nobody else", async (runtime) => {
  const reports: unknown[] = [];
  const contexts: (ConnectionContext | undefined)[] = [];
  const never = deferred();
  const failures: Record<string, () => void | Promise<void>> = {
    throw: () => {
      throw new Error("thrown");
    },
    reject: () => Promise.reject(new Error("rejected")),
    undefined: () => Promise.reject(undefined),
    never: () => never.promise,
  };
  const handler = async (connection: StreamSocket): Promise<void> => {
    const word = new TextDecoder().decode(await connection.recvExactly(9))
      .trim();
    const failure = failures[word];
    if (failure !== undefined) return await failure();
    await connection.sendAll("well");
  };
  const server = await serve("127.0.0.1:0", handler, {
    runtime,
    onError: (error, context) => {
      reports.push(error);
      contexts.push(context);
    },
  });
  const words = [...Object.keys(failures), ...Array(96).fill("answer")];
  const clients = await Promise.all(
    words.map(() => clientOf(server, runtime)),
  );
  const answers = await Promise.all(clients.map(async (client, i) => {
    await client.sendAll(words[i]!.padEnd(9));
    if (words[i] === "never") return "nothing";
    try {
      const bytes = await client.recv();
      return bytes === null ? "end" : new TextDecoder().decode(bytes);
    } catch (error) {
      return (error as SocketError).code;
    }
  }));
  for (const end of answers.slice(0, 3)) isReset(end, runtime);
  assert.deepEqual(answers.slice(4), Array(96).fill("well"));
  const messages = reports.map((error) =>
    (error as Error)?.message ?? "nothing"
  );
  assert.deepEqual(messages.sort(), ["nothing", "rejected", "thrown"]);
  assert.ok(contexts.every((context) => context?.server === server));
  await until(() => server.stats.failed === 3);
  addsUp(server.stats);
  await closeAll(clients);
  const report = await server.stop({ graceMs: 0 });
  assert.equal(report.reset, 1);
  addsUp(server.stats);
});

/** What begins an end of its own, and fails in the middle of it. */
const HALF_ENDED: Readonly<
  Record<string, (connection: StreamSocket) => Promise<void>>
> = {
  closes: (connection) => connection.close(),
  "shuts down": (connection) => connection.shutdown(SHUT_WR),
};

for (const [what, begin] of Object.entries(HALF_ENDED)) {
  onEach(`a handler that ${what} and then throws is over`, async (runtime) => {
    const server = await serve("127.0.0.1:0", async (connection) => {
      await connection.recv();
      begin(connection).catch(() => {});
      // The end is under way, and is not there.
      await null;
      throw new Error("in the middle");
    }, { runtime, onError: () => {} });
    const client = await clientOf(server, runtime);
    await client.sendAll("x");
    await endOf(client);
    await client.close();
    await until(() => server.stats.active === 0);
    assert.equal(server.stats.failed, 1);
    await server.stop();
  });
}

test("a handler that throws at once is reported once", async () => {
  const runtime = memoryNetwork();
  const reports: unknown[] = [];
  await using server = await serve("127.0.0.1:0", () => {
    throw new Error("at once");
  }, { runtime, onError: (error) => reports.push(error) });
  const client = await clientOf(server, runtime);
  assert.equal(await endOf(client), "ECONNRESET");
  await client.close();
  assert.equal(reports.length, 1);
});

test("what onError throws is written down and harms nobody", async () => {
  const runtime = memoryNetwork();
  const written = await withConsole(async () => {
    for (
      const fail of [() => Promise.reject("x"), () => {
        throw new Error("y");
      }]
    ) {
      await using server = await serve("127.0.0.1:0", () => {
        throw new Error("z");
      }, { runtime, onError: fail });
      const client = await clientOf(server, runtime);
      await endOf(client);
      await client.close();
    }
  });
  assert.equal(written.length, 2);
});

/** What no console can write, and `instanceof` may not look at. */
const UNSPEAKABLE: Readonly<Record<string, () => unknown>> = {
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "what cannot be inspected": () => {
    const fail = () => {
      throw new Error("not to be looked at");
    };
    return {
      [Symbol.for("nodejs.util.inspect.custom")]: fail,
      [Symbol.for("Deno.customInspect")]: fail,
      toString: fail,
    };
  },
};

for (const [what, make] of Object.entries(UNSPEAKABLE)) {
  test(`a handler that throws ${what} harms nobody`, async () => {
    const runtime = memoryNetwork();
    const { error } = console;
    // The platforms' own differ in what they fail at.
    console.error = (value: unknown) => void `${value}`;
    try {
      for (const onError of [undefined, () => Promise.reject(make())]) {
        await using server = await serve("127.0.0.1:0", () => {
          throw make();
        }, { runtime, ...onError && { onError } });
        const client = await clientOf(server, runtime);
        assert.equal(await endOf(client), "ECONNRESET");
        await client.close();
        assert.equal(server.stats.failed, 1);
      }
    } finally {
      console.error = error;
    }
  });
}

test("without onError only what is no SocketError is written down", async () => {
  const runtime = memoryNetwork();
  const written = await withConsole(async () => {
    await using server = await serve("127.0.0.1:0", async (connection) => {
      const bytes = await connection.recv();
      if (bytes?.length === 1) await connection.recvExactly(9);
      throw new Error("a mistake");
    }, { runtime });
    const [reset, other] = [
      await clientOf(server, runtime),
      await clientOf(server, runtime),
    ];
    await reset.sendAll("1");
    await until(() => server.stats.bytesReceived === 1);
    reset.reset();
    await other.sendAll("22");
    await endOf(other);
    await other.close();
    await until(() => server.stats.failed === 2);
  });
  assert.deepEqual(written.map((each) => (each as Error).message), [
    "a mistake",
  ]);
});

/** What is written to the console as an error meanwhile. */
async function withConsole(work: () => Promise<void>): Promise<unknown[]> {
  const written: unknown[] = [];
  const { error } = console;
  console.error = (first: unknown) => written.push(first);
  try {
    await work();
  } finally {
    console.error = error;
  }
  return written;
}

onEach(
  "a handler may close, reset and shut down by itself",
  async (runtime) => {
    const ways: ((connection: StreamSocket) => unknown)[] = [
      (connection) => connection.close(),
      (connection) => connection.close({ lingerMs: 0 }),
      (connection) => {
        if (runtime.supports.abortiveClose === true) connection.reset();
      },
      (connection) => connection.shutdown(2),
    ];
    let next = 0;
    const server = await serve("127.0.0.1:0", async (connection) => {
      await connection.recv();
      await ways[next++]!(connection);
    }, { runtime });
    for (const _ of ways) {
      const client = await clientOf(server, runtime);
      await client.sendAll("x");
      await endOf(client);
      await client.close();
    }
    await until(() => server.stats.finished === ways.length);
    addsUp(server.stats);
    await server.stop();
  },
);

onEach("a detached connection is the handler's own", async (runtime) => {
  const taken = deferred<StreamSocket>();
  const server = await serve("127.0.0.1:0", (connection, context) => {
    context.detach();
    context.detach();
    taken.resolve(connection);
  }, { runtime });
  const client = await clientOf(server, runtime);
  const connection = await taken.promise;
  const report = await server.stop({ graceMs: 0 });
  assert.deepEqual(report, { finished: 0, reset: 0 });
  assert.equal(server.stats.finished, 1);
  void echo(connection).then(() => connection.close());
  assert.equal(await ask(client, "still"), "still");
  await client.close();
  await connection.closed;
});

onEach("a context tells who is there", async (runtime) => {
  const seen = deferred<ConnectionContext>();
  await using server = await serve("127.0.0.1:0", (_, context) => {
    seen.resolve(context);
  }, { runtime });
  const client = await clientOf(server, runtime);
  const context = await seen.promise;
  assert.equal(context.server, server);
  assert.equal(context.id, 1);
  assert.deepEqual(context.peer, client.getSockName());
  assert.deepEqual(context.address, context.peer);
  assert.equal(context.proxy, undefined);
  assert.equal(context.signal.aborted, false);
  await client.close();
});

onEach("a server takes over a listener", async (runtime) => {
  const listener = await listen("127.0.0.1:0", { runtime });
  const early = await connect(listener.getSockName(), { runtime });
  const server = await serve(listener, echo, { keepAlive: true });
  assert.deepEqual(server.address, listener.getSockName());
  assert.equal(await ask(early, "early"), "early");
  await early.close();
  await server.stop();
  await listener.closed;
});

onEach(
  "a listener has one server, which a second one does not harm",
  async (runtime) => {
    const listener = await listen("127.0.0.1:0", { runtime });
    await using server = await serve(listener, echo);
    await assert.rejects(
      serve(listener, echo),
      (error) =>
        error instanceof SocketError && error.code === "EBUSY" &&
        error.op === "serve",
    );
    const client = await clientOf(server, runtime);
    assert.equal(await ask(client, "still there"), "still there");
    await client.close();
  },
);

test("a server whose listener is closed by its owner stops", async () => {
  const runtime = memoryNetwork();
  const listener = await listen("127.0.0.1:0", { runtime });
  const reports: unknown[] = [];
  const server = await serve(listener, echo, {
    onError: (error) => reports.push(error),
  });
  await listener.close();
  assert.deepEqual(await server.closed, { finished: 0, reset: 0 });
  assert.deepEqual(reports, []);
});

onEach("an address in use is EADDRINUSE of bind", async (runtime) => {
  await using server = await serve("127.0.0.1:0", echo, { runtime });
  await assert.rejects(
    serve(server.address, echo, { runtime }),
    (error) =>
      error instanceof SocketError && error.code === "EADDRINUSE" &&
      error.op === "bind",
  );
});

test("a server says what it cannot do before it listens", async () => {
  const runtime = memoryNetwork();
  const listener = await listen("127.0.0.1:1", { runtime });
  const closed = await listen("127.0.0.1:2", { runtime });
  await closed.close();
  const type: [string, () => Promise<Server>][] = [
    ["no handler", () => serve("127.0.0.1:0", undefined as never)],
    ["a name of a file", () => serve("127.0.0.1:0", "./a.ts" as never)],
    ["an unknown option", () => wrong({ maxConnection: 5 })],
    ["TLS", () => wrong({ tls: {} })],
    ["workers without a module", () => wrong({ workers: 2 })],
    ["whenFull", () => wrong({ whenFull: "drop" })],
    ["a text", () => wrong({ maxConnections: "5" })],
    ["a flag", () => wrong({ keepAlive: 1 })],
    ["a signal of the system", () => wrong({ signals: ["SIGKILL"] })],
    ["an error handler", () => wrong({ onError: 1 })],
    ["a controller", () => wrong({ signal: new AbortController() })],
    ["proxies", () => wrong({ proxyProtocol: { from: "10.0.0.1" } })],
    ["a proxy's name", () => wrong({ proxyProtocol: { from: ["a.b"] } })],
    ["no proxies", () => wrong({ proxyProtocol: {} })],
    [
      "a requirement",
      () => wrong({ proxyProtocol: { from: [], required: 1 } }),
    ],
    ["a listener's option", () => serve(listener, echo, { backlog: 5 })],
    ["no listener", () => serve({ accept: 1 } as never, echo)],
  ];
  const range: [string, () => Promise<Server>][] = [
    ["no connections", () => wrong({ maxConnections: 0 })],
    ["half a connection", () => wrong({ maxPerHost: 0.5 })],
    ["no backlog", () => wrong({ backlog: 0 })],
    ["no time", () => wrong({ idleTimeoutMs: 0 })],
    ["less time", () => wrong({ maxConnectionMs: -1 })],
    ["no number", () => wrong({ handshakeTimeoutMs: NaN })],
    ["a negative grace", () => wrong({ graceMs: -1 })],
    ["too many bits", () => wrong({ proxyProtocol: { from: ["::/129"] } })],
    ["bits beyond", () => wrong({ proxyProtocol: { from: ["10.1.0.0/8"] } })],
    [
      "a short header",
      () => wrong({ proxyProtocol: { from: [], maxLength: 1 } }),
    ],
  ];
  for (const [name, call] of type) {
    await assert.rejects(call(), TypeError, name);
  }
  for (const [name, call] of range) {
    await assert.rejects(call(), RangeError, name);
  }
  await assert.rejects(serve(closed, echo), { code: "EINVAL" });
  const reason = new Error("no");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(serve("127.0.0.1:0", echo, { signal }), reason);
  await listener.close();

  function wrong(options: object): Promise<Server> {
    return serve("127.0.0.1:3", echo, { runtime, ...options });
  }
});

onEach("a server serves a Unix path", (runtime) =>
  withTempDir(async (dir) => {
    const path = join(dir, "server.sock");
    const options = { runtime, maxPerHost: 1 };
    await using server = await serve({ path }, echo, options);
    const client = await clientOf(server, runtime);
    assert.equal(await ask(client, "path"), "path");
    // All peers of a path are one host.
    await visit(server, runtime);
    assert.equal(server.stats.rejected.perHost, 1);
    await client.close();
  }));

test("a signal of the system that is named twice counts once", () => {
  const { signals } = planOf({ signals: ["SIGTERM", "SIGINT", "SIGTERM"] });
  assert.deepEqual(signals, ["SIGTERM", "SIGINT"]);
});

test("what is wrong is told before the handler's module is imported", async () => {
  const module = new URL("./no_such_module.ts", import.meta.url);
  const at = "127.0.0.1:0";
  for (const name of ["reusePort", "ipv6Only", "abortive"]) {
    for (const more of [{}, { workers: 1 }]) {
      const options = { [name]: 1, ...more };
      await assert.rejects(serve(at, module, options), new RegExp(name));
    }
  }
  for (const more of [{}, { workers: 1 }]) {
    const tls = { cert: 5 as never, key: "" };
    await assert.rejects(serve(at, module, { tls, ...more }), /tls\.cert/);
    const runtime = 5 as never;
    await assert.rejects(serve(at, module, { runtime, ...more }), /runtime/);
  }
  const runtime = memoryNetwork();
  const taken = await listen("127.0.0.1:1", { runtime });
  await using _ = await serve(taken, echo);
  await assert.rejects(serve(taken, module), { code: "EBUSY" });
  if (!("Deno" in globalThis)) {
    const many = { maxConnections: 1e9 };
    await assert.rejects(serve(at, module, many), RangeError);
  }
  await assert.rejects(serve("127.0.0.1:x", module), TypeError);
  await assert.rejects(serve({ accept: 1 } as never, module), /listener/);
});
