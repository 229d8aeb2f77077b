/**
 * What the messages say where somebody errs: the value, and the way out; the
 * same words on every runtime.
 */

import assert from "node:assert/strict";
import {
  AF_INET,
  AF_INET6,
  connect,
  inetAton,
  inetPton,
  listen,
  type Listener,
  parseAddress,
  SHUT_WR,
  SO_KEEPALIVE,
  SOCK_DGRAM,
  socket,
  SOL_SOCKET,
  type StreamSocket,
} from "../../mod.ts";
import { calcSize, htons, pack, unpack } from "../../src/byteorder/mod.ts";
import {
  delimited,
  fixedLength,
  framed,
  lengthPrefixed,
  lines,
} from "../../src/framing/mod.ts";
import { EVENT_READ, select, Selector } from "../../src/polling/mod.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";

/** What is done wrong, with what type alone would forbid. */
type Wrong = never;

/** A connection over the memory network, and its listener. */
interface Stage {
  readonly server: Listener;
  readonly client: StreamSocket;
  readonly peer: StreamSocket;
}

/** One mistake: its name, what is done, and what the message must say. */
type Mistake = readonly [
  name: string,
  work: (stage: Stage) => unknown,
  kind: string,
  ...says: readonly string[],
];

async function onStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  const runtime = memoryNetwork();
  const server = await listen("127.0.0.1:7", { runtime });
  const client = await connect("127.0.0.1:7", { runtime });
  const [peer] = await server.accept();
  try {
    await work({ server, client, peer });
  } finally {
    const ends = [client, peer].map((end) => end.close({ lingerMs: 0 }));
    await Promise.all([...ends, server.close()]);
  }
}

async function messageOf(work: () => unknown): Promise<Error> {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({ message: "nothing was thrown" });
}

/** A second call beside one that waits, and ends with its socket. */
async function twice(call: () => Promise<unknown>): Promise<void> {
  call().catch(() => {});
  await call();
}

async function closed(sock: StreamSocket): Promise<StreamSocket> {
  await sock.close();
  return sock;
}

function selecting(work: (selector: Selector) => unknown): void {
  const selector = new Selector();
  try {
    work(selector);
  } finally {
    selector.close();
  }
}

const chunk = new Uint8Array(1 << 20);
const busy = "await it first";
const soon = { timeoutMs: 5 };

const MISTAKES: readonly Mistake[] = [
  // ---- in time
  [
    "a late recv",
    (on) => on.client.recv(soon),
    "TimeoutError",
    "nothing came within 5 ms",
    "the socket lives",
  ],
  [
    "a late recvExactly",
    (on) => on.client.recvExactly(9, soon),
    "TimeoutError",
    "not all came within 5 ms",
    "nothing is lost",
  ],
  [
    "a late recvUntil",
    (on) => on.client.recvUntil("\n", soon),
    "TimeoutError",
    "not all came within 5 ms",
  ],
  [
    "a late accept",
    (on) => on.server.accept(soon),
    "TimeoutError",
    "nobody came within 5 ms",
  ],
  [
    "a late sendAll",
    (on) => on.client.sendAll(chunk, soon),
    "TimeoutError",
    "not all was taken within 5 ms",
    "bytesSent",
  ],
  [
    "a late framed recv",
    (on) => framed(on.client, lines()).recv(soon),
    "TimeoutError",
    "nothing came within 5 ms",
  ],
  // ---- one at a time
  [
    "a second recv",
    (on) => twice(() => on.client.recv()),
    "SocketError",
    "another receive is pending",
    busy,
  ],
  [
    "a second accept",
    (on) => twice(() => on.server.accept()),
    "SocketError",
    "another accept is pending",
    busy,
  ],
  [
    "a second sendAll",
    (on) => twice(() => on.client.sendAll(chunk)),
    "SocketError",
    "another send is pending",
    busy,
  ],
  // ---- states
  [
    "recv after close",
    async (on) => (await closed(on.client)).recv(),
    "SocketError",
    "the socket is closed",
  ],
  [
    "sendAll after close",
    async (on) => (await closed(on.client)).sendAll("x"),
    "SocketError",
    "the socket is closed",
  ],
  [
    "recv unconnected",
    () => socket().recv(),
    "SocketError",
    "not connected",
    "await connect()",
  ],
  [
    "sendAll unconnected",
    () => socket().sendAll("x"),
    "SocketError",
    "not connected",
    "await connect()",
  ],
  [
    "accept without listen",
    () => socket().accept(),
    "SocketError",
    "does not listen",
    "await listen()",
  ],
  [
    "connect again",
    (on) => on.client.connect("127.0.0.1:7"),
    "SocketError",
    "connected already",
  ],
  [
    "sendAll after SHUT_WR",
    async (on) => {
      await on.client.shutdown(SHUT_WR);
      await on.client.sendAll("x");
    },
    "BrokenPipeError",
    "the sending side has ended",
  ],
  [
    "send to nobody",
    () => socket(AF_INET, SOCK_DGRAM).send("x"),
    "SocketError",
    "no destination",
    "connect() first",
  ],
  // ---- addresses
  [
    "{ host, port }",
    () => connect({ host: "h", port: 80 } as Wrong),
    "TypeError",
    "hostname",
    '"host":"h"',
  ],
  [
    "a port alone",
    () => connect(8080 as Wrong),
    "TypeError",
    '"host:port"',
    "8080",
  ],
  [
    "nothing",
    () => connect(undefined as Wrong),
    "TypeError",
    '"host:port"',
    "undefined",
  ],
  [
    "two arguments",
    () => connect("localhost", 80 as Wrong),
    "TypeError",
    "one argument",
    '"localhost:80"',
  ],
  [
    "two arguments for listen",
    () => listen("localhost", 80 as Wrong),
    "TypeError",
    "one argument",
    '"localhost:80"',
  ],
  [
    "two arguments for a socket",
    () => socket().connect("localhost", 80 as Wrong),
    "TypeError",
    "one argument",
    '"localhost:80"',
  ],
  [
    "a scheme",
    () => connect("http://localhost:80"),
    "TypeError",
    "no scheme",
    '"localhost:80"',
  ],
  [
    "no port",
    () => connect("localhost"),
    "TypeError",
    "needs a port",
    '"localhost:80"',
  ],
  [
    "a port alone as a text",
    () => listen("8080"),
    "TypeError",
    "needs a host",
    '"127.0.0.1:8080"',
  ],
  [
    "no brackets",
    () => connect("::1:80"),
    "TypeError",
    "in brackets",
    '"[::1]:80"',
  ],
  [
    "no IPv6 in brackets",
    () => parseAddress("[::g]:80"),
    "TypeError",
    "IPv6",
    "::g",
  ],
  [
    "too large a port",
    () => connect("127.0.0.1:70000"),
    "RangeError",
    "0 to 65535",
    "70000",
  ],
  [
    "a port as a text",
    () => connect(["h", "80"] as Wrong),
    "TypeError",
    "port must be a number",
    '"80"',
  ],
  [
    "too long a path",
    () => connect(`unix:/${"x".repeat(200)}`),
    "RangeError",
    "107",
    "201",
  ],
  [
    "IPv6 on AF_INET",
    () => socket().connect("[::1]:80"),
    "SocketError",
    "address family",
    "[::1]:80",
  ],
  // ---- arguments
  [
    "one number to send",
    (on) => on.client.sendAll(5 as Wrong),
    "TypeError",
    "a string, an ArrayBuffer or a view",
    "5",
  ],
  [
    "an array of numbers",
    (on) => on.client.sendAll([1, 2] as Wrong),
    "TypeError",
    "element 0",
    "a string, an ArrayBuffer or a view",
  ],
  [
    "one bad element",
    (on) => on.client.sendAll(["a", null] as Wrong),
    "TypeError",
    "element 1",
    "null",
  ],
  [
    "a promise of bytes",
    (on) => on.client.sendAll(Promise.resolve("x") as Wrong),
    "TypeError",
    "a promise: await it first",
  ],
  [
    "a controller for its signal",
    (on) => on.client.recv({ signal: new AbortController() } as Wrong),
    "TypeError",
    "controller's `signal`",
  ],
  [
    "a misspelt option",
    (on) => on.client.recv({ timeout: 5 } as Wrong),
    "TypeError",
    '"timeout"',
    "timeoutMs",
  ],
  [
    "a negative timeout",
    (on) => on.client.recv({ timeoutMs: -5 }),
    "RangeError",
    "timeoutMs",
    "-5",
  ],
  [
    "a timeout that is none",
    (on) => on.client.setTimeout("5" as Wrong),
    "TypeError",
    "timeoutMs",
    '"5"',
  ],
  [
    "a linger that is no number",
    (on) => on.client.close({ lingerMs: NaN }),
    "RangeError",
    "lingerMs must be a number: NaN",
  ],
  [
    "a negative linger",
    (on) => on.client.close({ lingerMs: -5 }),
    "RangeError",
    "lingerMs must not be negative: -5",
  ],
  [
    "a negative count",
    (on) => on.client.recv(-1),
    "RangeError",
    "maxBytes",
    "-1",
  ],
  [
    "no count",
    (on) => on.client.recvExactly(undefined as Wrong),
    "TypeError",
    "size must be a number",
    "undefined",
  ],
  [
    "a part of a byte",
    (on) => on.client.recvExactly(1.5),
    "RangeError",
    "size is an integer",
    "1.5",
  ],
  [
    "a buffer of numbers",
    (on) => on.client.recvInto([1, 2] as Wrong),
    "TypeError",
    "a view",
    "[1,2]",
  ],
  [
    "an empty delimiter",
    (on) => on.client.recvUntil(""),
    "RangeError",
    "delimiter",
    "empty",
  ],
  [
    "an unknown how",
    (on) => on.client.shutdown(7),
    "RangeError",
    "SHUT_RD, SHUT_WR or SHUT_RDWR",
    "7",
  ],
  [
    "an unknown flag",
    (on) => on.client.send("x", 1 << 20),
    "SocketError",
    "1048576",
    "MSG_DONTWAIT",
  ],
  [
    "a backlog of parts",
    () => listen("127.0.0.1:0", { backlog: 1.5 }),
    "RangeError",
    "backlog",
    "1.5",
  ],
  [
    "an unknown family",
    () => socket(99 as Wrong),
    "SocketError",
    "Cannot make a socket",
    "99",
  ],
  [
    "a raw socket",
    () => socket(AF_INET, 3 as Wrong),
    "SocketError",
    "Cannot make a socket",
    "type 3",
  ],
  [
    "an unknown mode",
    (on) => on.client.makeFile("x" as Wrong),
    "TypeError",
    '"r", "w" or "rw"',
    '"x"',
  ],
  [
    "an option that is a text",
    (on) => on.client.setSockOpt(SOL_SOCKET, SO_KEEPALIVE, "yes" as Wrong),
    "TypeError",
    "SO_KEEPALIVE",
    '"yes"',
  ],
  [
    "an unknown option",
    (on) => on.client.setSockOpt(1, 9999, 1),
    "SocketError",
    "Cannot set an option",
    "option 9999 of level 1",
  ],
  // ---- framing
  [
    "an unknown header",
    () => lengthPrefixed({ header: "u33" as Wrong }),
    "TypeError",
    '"u8", "u16", "u24", "u32"',
    '"u33"',
  ],
  [
    "a misspelt limit",
    () => lines({ maxlength: 5 } as Wrong),
    "TypeError",
    '"maxlength"',
    "maxLength",
  ],
  ["frames of nothing", () => fixedLength(0), "RangeError", "size", "0"],
  ["no delimiter", () => delimited(""), "TypeError", "one byte"],
  [
    "an unknown encoding",
    () => lines({ encoding: "latin7" as Wrong }),
    "TypeError",
    '"utf-8" or "latin1"',
    '"latin7"',
  ],
  [
    "no codec",
    (on) => framed(on.client, lines as Wrong),
    "TypeError",
    "decoder(), encoder()",
    "call it first",
  ],
  [
    "a socket that was not awaited",
    () =>
      framed(
        connect("127.0.0.1:7", { runtime: memoryNetwork() }).catch(() =>
          null
        ) as Wrong,
        lines(),
      ),
    "TypeError",
    "sendAll()",
    "this is a promise: await it first",
  ],
  [
    "a misspelt option of a network",
    () => memoryNetwork({ pipebytes: 5 } as Wrong),
    "TypeError",
    '"pipebytes"',
    "pipeBytes",
  ],
  [
    "a line of two",
    () => lines().encoder().encode("a\nb"),
    "TypeError",
    "delimiter",
  ],
  // ---- byte order
  [
    "no byte order",
    () => calcSize("I" as Wrong),
    "TypeError",
    "<, >, ! or =",
    '"I"',
  ],
  [
    "too few values",
    () => (pack as (format: string, value: number) => unknown)("<II", 1),
    "TypeError",
    "<II",
    "2",
  ],
  ["out of range", () => pack("<B", 256), "RangeError", "256", "0 to 255"],
  [
    "a number for a bigint",
    () => pack("<Q", 1 as Wrong),
    "TypeError",
    "bigint",
    "1",
  ],
  [
    "an unknown character",
    () => calcSize("<k" as Wrong),
    "TypeError",
    "<k",
    "1",
  ],
  [
    "too few bytes",
    () => unpack("<I", new Uint8Array(3)),
    "RangeError",
    "<I",
    "4",
    "3",
  ],
  [
    "too large a port for htons",
    () => htons(70_000),
    "RangeError",
    "65535",
    "70000",
  ],
  [
    "no address",
    () => inetAton("1.2.3.400"),
    "SocketError",
    "inetAton",
    "1.2.3.400",
  ],
  [
    "an address of the other family",
    () => inetPton(AF_INET6, "1.2.3.4"),
    "SocketError",
    "inetPton",
    "1.2.3.4",
  ],
  // ---- polling
  [
    "a descriptor to select",
    () => select([5 as Wrong], [], []),
    "TypeError",
    "sockets of this library",
    "5",
  ],
  [
    "no list to select",
    (on) => select(on.client as Wrong, [], []),
    "TypeError",
    "iterable",
  ],
  [
    "registered twice",
    (on) =>
      selecting((it) => [1, 2].map(() => it.register(on.client, EVENT_READ))),
    "SocketError",
    "Cannot register",
    "registered already",
  ],
  [
    "never registered",
    (on) => selecting((it) => it.unregister(on.client)),
    "SocketError",
    "Cannot unregister",
    "not registered",
  ],
];

for (const [name, work, kind, ...says] of MISTAKES) {
  test(`${name} is told with the value and the way out`, () =>
    onStage(async (stage) => {
      const { name, message } = await messageOf(() => work(stage));
      assert.equal(name, kind, message);
      for (const words of says) {
        assert.ok(message.includes(words), `${words}: ${message}`);
      }
    }));
}
