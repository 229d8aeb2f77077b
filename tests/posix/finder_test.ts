/** Finding a descriptor by the addresses of its ends, in a made-up kernel. */

import assert from "node:assert/strict";
import {
  SO_ACCEPTCONN,
  SO_REUSEPORT,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
} from "../../mod.ts";
import type { Address } from "../../mod.ts";
import { DescriptorFinder } from "../../src/posix/finder.ts";
import type { Libc } from "../../src/posix/libc.ts";
import { test } from "../harness.ts";

interface Fake {
  readonly local: string;
  readonly peer?: string;
  readonly type?: number;
  readonly isShared?: boolean;
}

/** A kernel with these sockets, IPv4 all of them, by their descriptors. */
function kernel(sockets: Readonly<Record<number, Fake>>): Libc {
  const tell = (text: string | undefined, out: Uint8Array): number => {
    if (text === undefined) return -1;
    const [host = "", port] = text.split(":");
    const view = new DataView(out.buffer);
    out.fill(0);
    new Uint16Array(out.buffer, 0, 1)[0] = 2;
    view.setUint16(2, Number(port));
    out.set(host.split(".").map(Number), 4);
    return 0;
  };
  return {
    getsockname: (fd, out) => tell(sockets[fd]?.local, out),
    getpeername: (fd, out) => tell(sockets[fd]?.peer, out),
    getsockopt(fd, _level, name, out) {
      const { type = SOCK_STREAM, peer, isShared } = sockets[fd]!;
      const values: Record<number, number> = {
        [SO_TYPE]: type,
        [SO_ACCEPTCONN]: peer === undefined ? 1 : 0,
        [SO_REUSEPORT]: isShared ? 1 : 0,
      };
      new Int32Array(out.buffer)[0] = values[name]!;
      return 0;
    },
    setsockopt: () => 0,
    getdtablesize: () => 1_000_000,
    errno: () => 0,
  };
}

function address(text: string | undefined): Address | undefined {
  if (text === undefined) return undefined;
  const [, hostname = "", port] = /^(.*):(\d+)$/.exec(text) ?? [];
  const family = hostname.includes(":") ? "ipv6" : "ipv4";
  return { family, hostname, port: Number(port) };
}

interface Case {
  readonly title: string;
  readonly sockets: Readonly<Record<number, Fake>>;
  readonly local: string;
  readonly peer?: string;
  /** The descriptor, or why there is none. */
  readonly found: number | RegExp;
}

const A = "127.0.0.1:1000";
const B = "127.0.0.1:2000";

const cases: readonly Case[] = [
  {
    title: "finds the end whose own address comes first",
    sockets: { 5: { local: B, peer: A }, 9: { local: A, peer: B } },
    local: A,
    peer: B,
    found: 9,
  },
  {
    title: "finds an IPv4 socket by its address in IPv6",
    sockets: { 7: { local: A, peer: B } },
    local: "::ffff:127.0.0.1:1000",
    peer: "::ffff:127.0.0.1:2000",
    found: 7,
  },
  {
    title: "finds a listener and not what it has accepted",
    sockets: { 5: { local: A, peer: B }, 6: { local: A } },
    local: A,
    found: 6,
  },
  {
    title: "passes a datagram socket with the same addresses",
    sockets: {
      4: { local: A, peer: B, type: SOCK_DGRAM },
      8: { local: A, peer: B },
    },
    local: A,
    peer: B,
    found: 8,
  },
  {
    title: "refuses when two have the addresses",
    sockets: { 4: { local: A, peer: B }, 8: { local: A, peer: B } },
    local: A,
    peer: B,
    found: /2 sockets/,
  },
  {
    title: "refuses when nobody has the addresses",
    sockets: { 4: { local: B, peer: A } },
    local: A,
    peer: B,
    found: /0 sockets/,
  },
  {
    title: "refuses a listener that may share its port",
    sockets: { 4: { local: A, isShared: true } },
    local: A,
    found: /share a port/,
  },
];

for (const { title, sockets, local, peer, found } of cases) {
  test(`the finder ${title}`, () => {
    const finder = new DescriptorFinder(kernel(sockets));
    const wanted = {
      type: SOCK_STREAM,
      fd: undefined,
      local: address(local),
      peer: address(peer),
    };
    if (typeof found === "number") {
      assert.equal(finder.find(wanted), found);
      return;
    }
    assert.throws(() => finder.find(wanted), (fault: { reason: string }) => {
      assert.match(fault.reason, found);
      return true;
    });
  });
}

test("the finder looks again when a descriptor has changed hands", () => {
  const sockets: Record<number, Fake> = { 5: { local: A, peer: B } };
  const finder = new DescriptorFinder(kernel(sockets));
  const wanted = {
    type: SOCK_STREAM,
    fd: undefined,
    local: address(A),
    peer: address(B),
  };
  assert.equal(finder.find(wanted), 5);
  sockets[5] = { local: B, peer: A };
  sockets[6] = { local: A, peer: B };
  assert.equal(finder.find(wanted), 6);
});
