/** `setSockOpt` and `getSockOpt` answer alike on streams and on datagrams. */

import assert from "node:assert/strict";
import * as a from "../../mod.ts";
import type { DatagramSocket, StreamSocket } from "../../mod.ts";
import { errnoOfFault } from "../../src/runtime/seam/error_mapping.ts";
import { Fault } from "../../src/runtime/seam/fault.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";

type AnySocket = StreamSocket | DatagramSocket;

const kinds = [
  ["a stream socket", a.SOCK_STREAM],
  ["a datagram socket", a.SOCK_DGRAM],
] as const;

function socketOf(
  type: number,
  family: a.AddressFamily = a.AF_INET,
): AnySocket {
  const runtime = memoryNetwork();
  return type === a.SOCK_DGRAM
    ? a.socket(family, a.SOCK_DGRAM, 0, { runtime })
    : a.socket(family, a.SOCK_STREAM, 0, { runtime });
}

interface Case {
  readonly title: string;
  act(sock: AnySocket): unknown;
  /** The code or the class, and the text. */
  readonly error: RegExp;
}

const wrong = (value: unknown) => value as number;
const GROUP = { group: "239.1.2.3", interface: "127.0.0.1" };

const cases: readonly Case[] = [
  {
    title: "a name that the platform lacks is read",
    act: (sock) => sock.getSockOpt(a.SOL_SOCKET, undefined),
    error:
      /^ENOPROTOOPT: .*: option undefined of level 1: this platform has no /,
  },
  {
    title: "a name that the platform lacks is set",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, undefined, 1),
    error:
      /^ENOPROTOOPT: .*: option undefined of level 1: this platform has no /,
  },
  {
    title: "a name is a fraction",
    act: (sock) => sock.getSockOpt(a.SOL_SOCKET, 1.5),
    error: /^TypeError: .*name.*1\.5/,
  },
  {
    // The kernel would see 13, which is SO_LINGER.
    title: "a name has more bits than an int",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, 2 ** 32 + a.SO_LINGER, 1),
    error: /^RangeError: The name of an option is a C int: 4294967309/,
  },
  {
    title: "a level has more bits than an int",
    act: (sock) => sock.getSockOpt(-(2 ** 40), a.SO_TYPE),
    error: /^RangeError: The level of an option is a C int: -1099511627776/,
  },
  {
    title: "a level is a text",
    act: (sock) => sock.setSockOpt("tcp" as never, 1, 1),
    error: /^TypeError: .*level.*"tcp"/,
  },
  {
    title: "a level is NaN",
    act: (sock) => sock.setSockOpt(NaN, 1, 1),
    error: /^TypeError: .*level.*NaN/,
  },
  ...[0, 70_000, 1.5, NaN, -1].map((buflen) => ({
    title: `buflen is ${buflen}`,
    act: (sock: AnySocket) => sock.getSockOpt(a.SOL_SOCKET, a.SO_TYPE, buflen),
    error: /^RangeError: buflen is 1 to 65536/,
  })),
  {
    title: "buflen is a text",
    act: (sock) => sock.getSockOpt(a.SOL_SOCKET, a.SO_TYPE, wrong("4")),
    error: /^TypeError: buflen is a number: "4"/,
  },
  {
    title: "buflen is wrong and the option is unknown",
    act: (sock) => sock.getSockOpt(a.SOL_SOCKET, 9999, 0),
    error: /^RangeError: buflen/,
  },
  {
    title: "what can only be read is set",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, a.SO_TYPE, 1),
    error: /^ENOPROTOOPT: .*SO_TYPE: it can only be read/,
  },
  {
    title: "an unknown option is read",
    act: (sock) => sock.getSockOpt(a.SOL_SOCKET, 9999),
    error: /^ENOPROTOOPT: .*option 9999 of level 1: memory has no way to it/,
  },
  {
    title: "an unknown option is set",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, 9999, 1),
    error: /^ENOPROTOOPT: .*option 9999 of level 1: memory has no way to it/,
  },
  {
    title: "an unknown option is set to nothing",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, 9999, wrong(null)),
    error: /^TypeError: option 9999 of level 1 is an integer, or bytes: null/,
  },
  ...[
    ...["a0", null, true, undefined, [], 1n, () => 0],
    ...[new Date(0), new Map(), Promise.resolve({ interface: "lo" }), /x/],
  ].map((value) => ({
    title: `IP_MULTICAST_IF is set to ${String(value) || "[]"}`,
    act: (sock: AnySocket) =>
      sock.setSockOpt(a.IPPROTO_IP, a.IP_MULTICAST_IF, wrong(value)),
    error: /^TypeError: IP_MULTICAST_IF is \{ interface \}, an address/,
  })),
  {
    title: "a word of a structure is misspelt",
    act: (sock) =>
      sock.setSockOpt(
        a.IPPROTO_IP,
        a.IP_ADD_MEMBERSHIP,
        { ...GROUP, sources: "10.0.0.1" } as never,
      ),
    error: /^TypeError: IP_ADD_MEMBERSHIP is \{ group, interface \} or /,
  },
  {
    title: "IP_MULTICAST_IF is set to a fraction",
    act: (sock) => sock.setSockOpt(a.IPPROTO_IP, a.IP_MULTICAST_IF, 1.5),
    error: /^RangeError: IP_MULTICAST_IF .*: 1\.5/,
  },
  {
    title: "IP_TTL is set to a fraction",
    act: (sock) => sock.setSockOpt(a.IPPROTO_IP, a.IP_TTL, 1.5),
    error: /^RangeError: IP_TTL is an integer from 1 to 255: 1\.5/,
  },
  {
    title: "IPV6_MULTICAST_IF is set to a text",
    act: (sock) =>
      sock.setSockOpt(a.IPPROTO_IPV6, a.IPV6_MULTICAST_IF, wrong("lo")),
    error: /^TypeError: IPV6_MULTICAST_IF is \{ interface \}, an index/,
  },
  ...["a0", null, true, 1, undefined].map((value) => ({
    title: `IP_ADD_MEMBERSHIP is set to ${value}`,
    act: (sock: AnySocket) =>
      sock.setSockOpt(a.IPPROTO_IP, a.IP_ADD_MEMBERSHIP, wrong(value)),
    error:
      /^TypeError: IP_ADD_MEMBERSHIP is \{ group, interface \} or struct ip_mreq's 8/,
  })),
  {
    title: "IP_ADD_SOURCE_MEMBERSHIP has no source",
    act: (sock) =>
      sock.setSockOpt(a.IPPROTO_IP, a.IP_ADD_SOURCE_MEMBERSHIP, GROUP),
    error: /^TypeError: IP_ADD_SOURCE_MEMBERSHIP needs a source/,
  },
  {
    title: "a source is a number",
    act: (sock) =>
      sock.setSockOpt(a.IPPROTO_IP, a.IP_ADD_SOURCE_MEMBERSHIP, {
        ...GROUP,
        source: 1 as never,
      }),
    error:
      /^TypeError: The source of IP_ADD_SOURCE_MEMBERSHIP is a numeric .*: 1/,
  },
  {
    title: "a group is none of multicast",
    act: (sock) =>
      sock.setSockOpt(a.IPPROTO_IP, a.IP_ADD_MEMBERSHIP, {
        ...GROUP,
        group: "10.0.0.1",
      }),
    error: /^RangeError: IP_ADD_MEMBERSHIP .*multicast group: 10\.0\.0\.1/,
  },
  {
    title: "an interface is a boolean",
    act: (sock) =>
      sock.setSockOpt(a.IPPROTO_IP, a.IP_ADD_MEMBERSHIP, {
        ...GROUP,
        interface: true as never,
      }),
    error: /^TypeError: The interface of IP_ADD_MEMBERSHIP .*: true/,
  },
  ...[null, true, "1", {}, undefined].map((value) => ({
    title: `SO_KEEPALIVE is set to ${JSON.stringify(value)}`,
    act: (sock: AnySocket) =>
      sock.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, wrong(value)),
    error: /^TypeError: SO_KEEPALIVE is an integer, or its 1 or 4 bytes: /,
  })),
  ...[null, true, "1", {}, 1].map((value) => ({
    title: `SO_LINGER is set to ${JSON.stringify(value)}`,
    act: (sock: AnySocket) =>
      sock.setSockOpt(a.SOL_SOCKET, a.SO_LINGER, wrong(value)),
    error:
      /^TypeError: SO_LINGER is \{ on, seconds \} or struct linger's 8 bytes: /,
  })),
  ...["5", null, undefined].map((seconds) => ({
    title: `the seconds of SO_LINGER are ${JSON.stringify(seconds)}`,
    act: (sock: AnySocket) =>
      sock.setSockOpt(a.SOL_SOCKET, a.SO_LINGER, {
        on: true,
        seconds: wrong(seconds),
      }),
    error:
      /^TypeError: The seconds of SO_LINGER are an integer from 0 to 2147483647: /,
  })),
  ...[-1, 1.5].map((seconds) => ({
    title: `the seconds of SO_LINGER are ${seconds}`,
    act: (sock: AnySocket) =>
      sock.setSockOpt(a.SOL_SOCKET, a.SO_LINGER, { on: true, seconds }),
    error:
      /^RangeError: The seconds of SO_LINGER are an integer from 0 to 2147483647: /,
  })),
  {
    title: "an int is larger than C's",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, a.SO_PRIORITY, 2 ** 31),
    error:
      /^RangeError: SO_PRIORITY is an integer from -2147483648 to 2147483647: /,
  },
  {
    title: "a buffer has no byte",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, a.SO_RCVBUF, 0),
    error: /^RangeError: SO_RCVBUF is an integer from 1 to 2147483647: 0/,
  },
  {
    title: "an option is IPv6's and the socket IPv4's",
    act: (sock) => sock.setSockOpt(a.IPPROTO_IPV6, a.IPV6_V6ONLY, 1),
    error: /^ENOPROTOOPT: .*IPV6_V6ONLY: it is for IPv6 sockets/,
  },
  {
    title: "an option is one that no runtime has",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, a.SO_PRIORITY, 3),
    error: /^ENOPROTOOPT: .*SO_PRIORITY: memory has no way to it/,
  },
];

for (const [what, type] of kinds) {
  for (const { title, act, error } of cases) {
    test(`${what} says what is wrong when ${title}`, async () => {
      const sock = socketOf(type);
      assert.throws(() => act(sock), (thrown: Error & { code?: string }) => {
        assert.match(`${thrown.code ?? thrown.name}: ${thrown.message}`, error);
        return true;
      });
      await sock.close();
      assert.throws(() => act(sock), { code: "EBADF" });
    });
  }
}

for (const [what, type] of kinds) {
  test(`${what} is EBADF when a getter of the value has closed it`, async () => {
    const sock = socketOf(type);
    const values = [
      [a.SOL_SOCKET, a.SO_LINGER, {
        get on() {
          void sock.close();
          return true;
        },
        seconds: 1,
      }],
      [a.IPPROTO_IP, a.IP_ADD_MEMBERSHIP, {
        get group() {
          void sock.close();
          return "239.1.2.3";
        },
      }],
    ] as const;
    for (const [level, name, value] of values) {
      assert.throws(() => sock.setSockOpt(level, name, value), {
        code: "EBADF",
        op: "setSockOpt",
      });
    }
    await sock.close();
  });

  test(`${what} gives bytes of the length asked for when it knows`, async () => {
    const sock = socketOf(type);
    const get = (buflen: number) =>
      sock.getSockOpt(a.SOL_SOCKET, a.SO_TYPE, buflen);
    const int = new Uint8Array(Int32Array.of(type).buffer);
    assert.deepEqual([get(1), get(4), get(65_536)], [
      int.slice(0, 1),
      int,
      int,
    ]);
    await sock.close();
  });
}

test("SO_ERROR of a code that nobody knows is EIO's number", () => {
  assert.equal(errnoOfFault(new Fault("ENOBODYKNOWS")), a.errno.EIO);
  assert.equal(errnoOfFault(new Fault("ECONNRESET")), a.errno.ECONNRESET);
});

test("SO_ERROR of a datagram socket is EIO when nobody knows the code", async () => {
  const network = memoryNetwork();
  let tell: (fault: Fault) => void = () => {};
  const runtime: a.Runtime = Object.assign(Object.create(network), {
    async bindDatagram(options: a.RawBindOptions): Promise<a.RawDatagram> {
      const raw = await network.bindDatagram(options);
      return new Proxy(raw, {
        get(target, key) {
          const value = Reflect.get(target, key) as unknown;
          if (typeof value !== "function") return value;
          return (...values: unknown[]) => {
            if (key === "attach") {
              const sink = values[0] as a.DatagramSink;
              tell = (fault) => sink.failed(fault);
            }
            return Reflect.apply(value, target, values);
          };
        },
      });
    },
  });
  const sock = a.socket(a.AF_INET, a.SOCK_DGRAM, 0, { runtime });
  await sock.connect(["127.0.0.1", 9]);
  tell(new Fault("ENOBODYKNOWS"));
  const get = () => sock.getSockOpt(a.SOL_SOCKET, a.SO_ERROR);
  assert.deepEqual([get(), get()], [a.errno.EIO, 0]);
  await sock.close();
});
