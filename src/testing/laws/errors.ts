/**
 * Laws of failures and misuse: the same on every runtime.
 *
 * @module
 */

import { AF_INET6, SOCK_RAW } from "../../constants.ts";
import type { AddressLike } from "../../contracts.ts";
import { SocketError } from "../../errors.ts";
import { memoryNetwork } from "../../runtime/memory.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import { ensure, failureOf, isSocketError, same } from "../expect.ts";
import type { Law, LawBench, Trait } from "../law.ts";
import { connect, listen, socket } from "../library.ts";
import { deadAddress } from "./kit.ts";

interface ErrorRow {
  readonly when: string;
  readonly needs?: readonly Trait[];
  readonly code: string;
  readonly op: string;
  fail(bench: LawBench): unknown;
}

/** What the world answers: equal on every runtime. */
const ERRORS: readonly ErrorRow[] = [
  {
    when: "nobody listens at a port",
    needs: ["ports"],
    code: "ECONNREFUSED",
    op: "connect",
    fail: async (bench) => await bench.connectTo(await deadAddress(bench)),
  },
  {
    when: "nobody listens at an abstract name",
    needs: ["abstractNames"],
    code: "ECONNREFUSED",
    op: "connect",
    fail: ({ runtime }) =>
      connect({ path: `\0nobody-${crypto.randomUUID()}` }, { runtime }),
  },
  {
    when: "a Unix path does not exist",
    needs: ["paths"],
    code: "ENOENT",
    op: "connect",
    fail: (bench) => bench.connectTo(bench.maker.freshAddress()),
  },
  {
    when: "the folder of a Unix path does not exist",
    needs: ["folders"],
    code: "ENOENT",
    op: "bind",
    fail: ({ maker, runtime }) =>
      listen({ path: `${pathOf(maker.freshAddress())}/no/such` }, { runtime }),
  },
  {
    when: "another socket has the address",
    code: "EADDRINUSE",
    op: "bind",
    fail: async (bench) => {
      const listener = await bench.listen();
      const { runtime } = bench;
      return await listen(listener.getSockName(), { runtime });
    },
  },
  {
    when: "another socket has the address that listen() claims",
    code: "EADDRINUSE",
    op: "bind",
    fail: async (bench) => {
      const listener = await bench.listen();
      const late = bench.socket();
      await late.bind(listener.getSockName());
      await late.listen();
    },
  },
  {
    when: "no interface has the address",
    needs: ["ports"],
    code: "EADDRNOTAVAIL",
    op: "bind",
    // Both are set aside for documentation (RFC 5737, RFC 3849).
    fail: ({ maker, runtime }) =>
      maker.family === AF_INET6
        ? listen("[2001:db8::1]:0", { runtime })
        : listen("192.0.2.1:0", { runtime }),
  },
  {
    when: "no stream can go to an address, being one of a group",
    needs: ["ports"],
    code: "ENETUNREACH",
    op: "connect",
    fail: ({ maker, runtime }) =>
      maker.family === AF_INET6
        ? connect("[ff0e::1]:9", { runtime })
        : connect("224.0.0.1:9", { runtime }),
  },
  {
    when: "a host name does not exist",
    needs: ["ports"],
    code: "EAI_NONAME",
    op: "connect",
    // No label may have more than 63 bytes: no server need be asked.
    fail: ({ runtime }) => connect(`${"n".repeat(64)}.test:9`, { runtime }),
  },
  {
    when: "a socket of one family is given an address of the other",
    needs: ["ports"],
    code: "EAFNOSUPPORT",
    op: "connect",
    fail: (bench) => bench.socket().connect(otherFamily(bench)),
  },
  {
    when: "a socket of one family is bound to an address of the other",
    needs: ["ports"],
    code: "EAFNOSUPPORT",
    op: "bind",
    fail: (bench) => bench.socket().bind(otherFamily(bench)),
  },
  {
    when: "a type of socket is asked for that no runtime has",
    code: "EOPNOTSUPP",
    op: "socket",
    fail: ({ maker, runtime }) =>
      socket(maker.family, SOCK_RAW as unknown as 1, 0, { runtime }),
  },
  {
    when: "a network in memory is asked for TLS of its own",
    code: "EOPNOTSUPP",
    op: "connect",
    fail: () =>
      connect("127.0.0.1:9", {
        runtime: memoryNetwork(),
        tls: { native: true },
      }),
  },
  {
    when: "a network in memory is asked for TLS of its own",
    code: "EOPNOTSUPP",
    op: "listen",
    fail: () => {
      const runtime = memoryNetwork();
      return listen("127.0.0.1:0", wrong({ runtime, tls: { native: true } }));
    },
  },
  {
    when: "only IPv6 is asked for at an IPv4 address",
    code: "ENOPROTOOPT",
    op: "listen",
    fail: ({ runtime }) => listen("127.0.0.1:0", { runtime, ipv6Only: true }),
  },
  {
    when: "a port is to be shared where there is none",
    needs: ["paths"],
    code: "ENOPROTOOPT",
    op: "listen",
    fail: ({ maker, runtime }) =>
      listen(maker.freshAddress(), { runtime, reusePort: true }),
  },
  {
    when: "a connect may take no time at all",
    code: "EINPROGRESS",
    op: "connect",
    fail: async (bench) => {
      const listener = await bench.listen();
      const address = listener.getSockName();
      return await bench.socket().connect(address, { timeoutMs: 0 });
    },
  },
];

function otherFamily({ maker }: LawBench): AddressLike {
  return maker.family === AF_INET6 ? "127.0.0.1:9" : "[::1]:9";
}

function pathOf(address: AddressLike): string {
  return (address as { readonly path: string }).path;
}

/** Laws of what the world answers. */
export const errorLaws: readonly Law[] = ERRORS.map((row): Law => ({
  name: `${row.op} is ${row.code} when ${row.when}`,
  ...(row.needs === undefined ? {} : { needs: row.needs }),
  async run(bench) {
    const error = await failureOf(() => row.fail(bench), row.when);
    isSocketError(error, row.code, row.op, row.when);
    ensure(error instanceof SocketError, "class");
    ensure(error.message.startsWith("Cannot "), `message "${error.message}"`);
  },
}));

interface Misuse {
  readonly what: string;
  readonly error: typeof TypeError | typeof RangeError;
  /** Must stand in the text. */
  readonly value: string;
  call(bench: Pick<LawBench, "maker" | "runtime">): unknown;
}

/** A value of a type that no compiler would let pass. */
function wrong<T>(value: unknown): T {
  return value as T;
}

function unusedSocket(
  { maker, runtime }: Pick<LawBench, "maker" | "runtime">,
): StreamSocket {
  return socket(maker.family, undefined, 0, { runtime });
}

/** What no socket need be connected for. */
const MISUSES: readonly Misuse[] = [
  {
    what: "a port above 65,535",
    error: RangeError,
    value: "70000",
    call: ({ runtime }) => connect(["127.0.0.1", 70_000], { runtime }),
  },
  {
    what: "a negative port",
    error: RangeError,
    value: "-1",
    call: ({ runtime }) => listen(["127.0.0.1", -1], { runtime }),
  },
  {
    what: "a port that is text",
    error: TypeError,
    value: '"80"',
    call: ({ runtime }) =>
      connect(["127.0.0.1", wrong<number>("80")], { runtime }),
  },
  {
    what: "a port in a text that is out of range",
    error: RangeError,
    value: "65536",
    call: ({ runtime }) => listen("127.0.0.1:65536", { runtime }),
  },
  {
    what: "an address without a port",
    error: TypeError,
    value: "127.0.0.1",
    call: ({ runtime }) => connect("127.0.0.1", { runtime }),
  },
  {
    what: "no address at all",
    error: TypeError,
    value: "null",
    call: ({ runtime }) => connect(wrong(null), { runtime }),
  },
  {
    what: "a Unix path of 108 bytes",
    error: RangeError,
    value: "108",
    call: ({ runtime }) => listen({ path: "/".repeat(108) }, { runtime }),
  },
  {
    what: "an empty Unix path",
    error: TypeError,
    value: "empty",
    call: ({ runtime }) => connect({ path: "" }, { runtime }),
  },
  {
    what: "a Unix path of another family",
    error: TypeError,
    value: "ipv4",
    call: ({ runtime }) =>
      connect(wrong({ path: "/x", family: "ipv4" }), { runtime }),
  },
  {
    what: "a flag of connect that is a number",
    error: TypeError,
    value: "noDelay",
    call: ({ runtime }) =>
      connect("127.0.0.1:9", { runtime, noDelay: wrong<boolean>(0) }),
  },
  {
    what: "a flag of listen that is a text",
    error: TypeError,
    value: '"yes"',
    call: ({ runtime }) =>
      listen("127.0.0.1:0", { runtime, reusePort: wrong<boolean>("yes") }),
  },
  {
    what: "options of listen that are none",
    error: TypeError,
    value: "5",
    call: () => listen("127.0.0.1:0", wrong(5)),
  },
  {
    what: "an array for options of connections",
    error: TypeError,
    value: "[]",
    call: (bench) => unusedSocket(bench).connections(wrong([])).next(),
  },
  {
    what: "options of socket that are none",
    error: TypeError,
    value: '"x"',
    call: () => socket(undefined, undefined, 0, wrong("x")),
  },
  {
    what: "a linger time that is text",
    error: TypeError,
    value: '"1"',
    call: (bench) => unusedSocket(bench).close({ lingerMs: wrong("1") }),
  },
  {
    what: "a family that is text",
    error: TypeError,
    value: '"AF_INET"',
    call: () => socket(wrong("AF_INET")),
  },
  {
    what: "a negative timeout",
    error: RangeError,
    value: "-5",
    call: (bench) => {
      const address = bench.maker.freshAddress();
      return unusedSocket(bench).connect(address, { timeoutMs: -5 });
    },
  },
  {
    what: "a timeout that is no number",
    error: RangeError,
    value: "NaN",
    call: (bench) => unusedSocket(bench).setTimeout(NaN),
  },
];

/** What a connected socket must refuse without touching the stream. */
const STREAM_MISUSES: Readonly<
  Record<
    string,
    readonly [
      error: typeof TypeError | typeof RangeError,
      value: string,
      call: (socket: StreamSocket) => unknown,
    ]
  >
> = {
  "recv of −1 bytes": [RangeError, "-1", (s) => s.recv(-1)],
  "recv of 1.5 bytes": [RangeError, "1.5", (s) => s.recv(1.5)],
  "recv of a text": [TypeError, '"5"', (s) => s.recv(wrong("5"))],
  "recv with a negative timeout": [
    RangeError,
    "-1",
    (s) => s.recv({ timeoutMs: -1 }),
  ],
  "recv with a signal that is none": [
    TypeError,
    "{}",
    (s) => s.recv({ signal: wrong<AbortSignal>({}) }),
  ],
  "recv of a count that is told twice": [
    TypeError,
    "maxBytes",
    (s) => s.recv(5, { maxBytes: 2 }),
  ],
  "recv with options and flags": [
    TypeError,
    "8",
    (s) => s.recv(wrong<number>({ maxBytes: 2 }), 8),
  ],
  "recvExactly of NaN bytes": [RangeError, "NaN", (s) => s.recvExactly(NaN)],
  "recvExactly of nothing": [
    TypeError,
    "undefined",
    (s) => s.recvExactly(wrong(undefined)),
  ],
  "recvUntil of an empty delimiter": [
    RangeError,
    "empty",
    (s) => s.recvUntil(""),
  ],
  "recvUntil of a number": [TypeError, "10", (s) => s.recvUntil(wrong(10))],
  "recvInto no memory": [TypeError, "null", (s) => s.recvInto(wrong(null))],
  "tryRecv of −1 bytes": [RangeError, "-1", (s) => s.tryRecv(-1)],
  "send of a number": [TypeError, "5", (s) => s.send(wrong(5))],
  "sendAll of null": [TypeError, "null", (s) => s.sendAll(wrong(null))],
  "sendAll of an array with a number": [
    TypeError,
    "7",
    (s) => s.sendAll(["ok", wrong(7)]),
  ],
  "trySend of undefined": [
    TypeError,
    "undefined",
    (s) => s.trySend(wrong(undefined)),
  ],
  "sendFile of a number": [TypeError, "7", (s) => s.sendFile(wrong(7))],
  "sendFile of a stream of Node": [
    TypeError,
    "Readable.toWeb",
    (s) => s.sendFile(wrong({ read: () => null, pipe: () => {} })),
  ],
  "sendFile of a path with a NUL": [
    TypeError,
    "NUL",
    (s) => s.sendFile("no\0file"),
  ],
  "sendFile of −1 bytes": [
    RangeError,
    "-1",
    (s) => s.sendFile("no file", { count: -1 }),
  ],
  "sendFile of no bytes": [
    RangeError,
    "0",
    (s) => s.sendFile("no file", { count: 0 }),
  ],
  "sendFile from 1.5": [
    RangeError,
    "1.5",
    (s) => s.sendFile("no file", { offset: 1.5 }),
  ],
  "sendFile without waiting": [
    RangeError,
    "0",
    (s) => s.sendFile("no file", { timeoutMs: 0 }),
  ],
  "sendFile with an option that is none": [
    TypeError,
    "length",
    (s) => s.sendFile("no file", wrong({ length: 5 })),
  ],
  "shutdown of 9": [RangeError, "9", (s) => s.shutdown(9)],
  "shutdown of a text": [
    TypeError,
    '"SHUT_WR"',
    (s) => s.shutdown(wrong("SHUT_WR")),
  ],
  "setTimeout of −1": [RangeError, "-1", (s) => s.setTimeout(-1)],
  "makeFile of an odd mode": [
    TypeError,
    '"x"',
    (s) => s.makeFile(wrong("x")),
  ],
  "makeFile with an option misspelt": [
    TypeError,
    '"bufersize"',
    (s) => s.makeFile("rw", wrong({ bufersize: 1 })),
  ],
  "makeFile with an array for options": [
    TypeError,
    "[]",
    (s) => s.makeFile("rw", wrong([])),
  ],
};

/** A runtime that notes what it is asked to do. */
function watched(runtime: Runtime, asked: string[]): Runtime {
  return new Proxy(runtime, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        asked.push(String(key));
        return Reflect.apply(value, target, args);
      };
    },
  });
}

function isMisuse(
  error: unknown,
  Expected: typeof TypeError | typeof RangeError,
  value: string,
  what: string,
): void {
  ensure(
    error instanceof Expected,
    `${what}: expected ${Expected.name}, got ${error}`,
  );
  same(error.name, Expected.name, `${what}: name`);
  ensure(
    error.message.includes(value),
    `${what}: "${error.message}" does not say ${value}`,
  );
}

/** Laws of misuse. */
export const misuseLaws: readonly Law[] = [
  ...MISUSES.map((row): Law => ({
    name: `misuse is ${row.error.name} before any I/O when given ${row.what}`,
    async run(bench) {
      const { maker } = bench;
      const asked: string[] = [];
      const runtime = watched(bench.runtime, asked);
      const call = () => row.call({ maker, runtime });
      const error = await failureOf(call, row.what);
      isMisuse(error, row.error, row.value, row.what);
      same(asked.join(), "", "what the runtime was asked to do");
    },
  })),
  {
    name: "misuse of a connected socket leaves the stream as it was",
    async run(bench) {
      const [client, server] = await bench.pair();
      for (const [what, row] of Object.entries(STREAM_MISUSES)) {
        const [Expected, value, call] = row;
        const error = await failureOf(() => call(client), what);
        isMisuse(error, Expected, value, what);
      }
      same(client.bytesSent, 0, "bytesSent");
      await client.sendAll("fine");
      await server.sendAll("fine");
      same((await server.recvExactly(4)).length, 4, "bytes that came");
      same((await client.recvExactly(4)).length, 4, "bytes that came back");
    },
  },
];
