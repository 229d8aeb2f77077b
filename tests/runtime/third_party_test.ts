/** A runtime from outside, written with what the package exports. */

import assert from "node:assert/strict";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  capabilities,
  connect,
  currentRuntime,
  Fault,
  getAddrInfo,
  getFqdn,
  getHostByAddr,
  getHostByName,
  getHostName,
  getNameInfo,
  listen,
  type Runtime,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  SocketError,
  socketPair,
} from "../../mod.ts";
import { test } from "../harness.ts";

type Failing = () => never | Promise<never>;

/** Whose every call fails; a name has two addresses unless looking up fails. */
function failing(fail: Failing, findsNames: boolean): Runtime {
  const call = fail as () => Promise<never>;
  const found = [
    { family: "ipv4", hostname: "192.0.2.1" },
    { family: "ipv6", hostname: "2001:db8::1" },
  ] as const;
  return {
    name: "third",
    supports: capabilities(),
    clock: currentRuntime().clock,
    connect: call,
    listen: call,
    bindDatagram: call,
    permits: () => true,
    lookup: findsNames ? () => Promise.resolve(found) : call,
    names: {
      hostname: fail as () => never,
      reverse: call,
      alias: call,
      mayAskServers: () => true,
      addresses: fail as () => never,
      interfaces: fail as () => never,
      readSystemFile: () => Promise.resolve(undefined),
    },
  };
}

const OPTIONS = { timeoutMs: 5_000 };

/** Whatever asks a runtime for something that may fail. */
const calls: Readonly<Record<string, (runtime: Runtime) => unknown>> = {
  "connect to an address": (runtime) =>
    connect("192.0.2.1:9", { runtime, ...OPTIONS }),
  "connect to a name": (runtime) =>
    connect("host.invalid:9", { runtime, ...OPTIONS }),
  "connect from a name": (runtime) =>
    connect("192.0.2.1:9", { runtime, localAddress: "host.invalid:0" }),
  "connect to a path": (runtime) => connect("unix:/no/where", { runtime }),
  "connect of a socket": (runtime) =>
    socket(AF_INET, SOCK_STREAM, 0, { runtime }).connect(["host.invalid", 9]),
  "listen": (runtime) => listen("127.0.0.1:0", { runtime }),
  "listen on a name": (runtime) => listen("host.invalid:0", { runtime }),
  "listen of a socket": async (runtime) => {
    const sock = socket(AF_UNIX, SOCK_STREAM, 0, { runtime });
    await sock.bind("/no/where");
    await sock.listen();
  },
  "socketPair": (runtime) => socketPair({ runtime }),
  "bind of datagrams": (runtime) =>
    socket(AF_INET, SOCK_DGRAM, 0, { runtime }).bind(["127.0.0.1", 0]),
  "bind of datagrams to a name": (runtime) =>
    socket(AF_INET6, SOCK_DGRAM, 0, { runtime }).bind(["host.invalid", 0]),
  "connect of datagrams": (runtime) =>
    socket(AF_INET, SOCK_DGRAM, 0, { runtime }).connect(["host.invalid", 9]),
  "sendTo": (runtime) =>
    socket(AF_INET, SOCK_DGRAM, 0, { runtime })
      .sendTo("x", ["192.0.2.1", 9]),
  "sendTo a name": (runtime) =>
    socket(AF_INET6, SOCK_DGRAM, 0, { runtime })
      .sendTo("x", ["host.invalid", 9]),
  "sendMany": (runtime) =>
    socket(AF_INET, SOCK_DGRAM, 0, { runtime })
      .sendMany([["x", ["192.0.2.1", 9]]]),
};

/** What asks for names only. */
const nameCalls: typeof calls = {
  getAddrInfo: (runtime) => getAddrInfo("host.invalid", 80, { runtime }),
  getFqdn: (runtime) => getFqdn("host.invalid", { runtime }),
  "getFqdn of this host": (runtime) => getFqdn("", { runtime }),
  getHostByName: (runtime) => getHostByName("host.invalid", { runtime }),
  getHostByAddr: (runtime) => getHostByAddr("host.invalid", { runtime }),
  getHostName: (runtime) => getHostName({ runtime }),
  getNameInfo: (runtime) => getNameInfo(["192.0.2.1", 80], 0, { runtime }),
};

const ways: Readonly<Record<string, (fault: Fault) => Failing>> = {
  "throws": (fault) => () => {
    throw fault;
  },
  "rejects with": (fault) => () => Promise.reject(fault),
};

for (const [how, way] of Object.entries(ways)) {
  for (const code of ["EADDRINUSE", "EAI_AGAIN"]) {
    const cause = new Error("the runtime's own");
    const fail = way(new Fault(code, cause, "it says so"));
    for (const [name, call] of Object.entries({ ...calls, ...nameCalls })) {
      // These two are not promises: a runtime cannot reject there.
      const isSync = name === "getHostName" || name === "getFqdn of this host";
      if (isSync && how === "rejects with") continue;
      // The classic calls have words of their own for what is not found.
      if (name in nameCalls && code.startsWith("EAI_")) continue;
      test(`a runtime from outside that ${how} a Fault ${code} fails ${name} with its error`, async () => {
        for (const findsNames of name in nameCalls ? [false] : [true, false]) {
          await assert.rejects(
            async () => await call(failing(fail, findsNames)),
            (error) => {
              assert.ok(error instanceof SocketError, String(error));
              assert.equal(error.code, code);
              assert.match(error.message, /it says so/);
              const told = error.cause instanceof AggregateError
                ? error.cause.errors[0]
                : error.cause;
              assert.equal(told, cause);
              return true;
            },
          );
        }
      });
    }
  }
}

test("a runtime from outside that throws at the second address fails connect when the first has failed", async () => {
  let refuseFirst = (_: Fault): void => {};
  let attempts = 0;
  const runtime = failing(() => {
    if (++attempts === 1) return new Promise((_, no) => refuseFirst = no);
    queueMicrotask(() => refuseFirst(new Fault("ECONNREFUSED")));
    throw new Fault("EADDRINUSE");
  }, true);
  await assert.rejects(
    connect("host.invalid:9", { runtime }),
    (error) => error instanceof SocketError && error.code === "EADDRINUSE",
  );
});
