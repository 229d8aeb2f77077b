import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Address } from "../../src/contracts.ts";
import {
  toConnectFault,
  toFault,
} from "../../src/runtime/bun/error_mapping.ts";
import { bunRuntime } from "../../src/runtime/bun.ts";
import type { RawStream } from "../../src/runtime/seam/stream.ts";
import { Fault } from "../../src/runtime/seam/fault.ts";
import { test } from "../harness.ts";
import { withRawPeer } from "../support/raw_peer.ts";
import { ListenerRecorder } from "../support/recorder.ts";
import { withTempDir } from "../temp.ts";
import { listenHere, loopback, record, SKIP, WAYS } from "./bun_support.ts";

const ipv4 = (hostname: string, port = 1): Address => ({
  family: "ipv4",
  hostname,
  port,
});
const ipv6 = (hostname: string, port = 1): Address => ({
  family: "ipv6",
  hostname,
  port,
});
const unix = (path: string): Address => ({ family: "unix", path });

/** A place that a test has to make first. */
interface Places {
  /** A port that is listened on. */
  readonly port: number;
  /** A folder with a file `stale` in it. */
  readonly dir: string;
}

async function withPlaces(fn: (places: Places) => Promise<void>) {
  const listener = await listenHere();
  const recorder = new ListenerRecorder(listener);
  const { port } = listener.localAddress as { port: number };
  await withTempDir(async (dir) => {
    await writeFile(join(dir, "stale"), "");
    await fn({ port, dir });
  });
  listener.close();
  await recorder.until("closed");
}

type Ask = (places: Places) => { address: Address; localAddress?: Address };

const CONNECTS: readonly (readonly [what: string, code: string, ask: Ask])[] = [
  ["nobody listens", "ECONNREFUSED", () => ({ address: loopback(1) })],
  ["nobody listens on IPv6", "ECONNREFUSED", () => ({ address: ipv6("::1") })],
  ["the port is 0", "ECONNREFUSED", () => ({ address: loopback(0) })],
  // Bun itself says ECONNREFUSED to the next four. None sends a packet.
  [
    "it is a broadcast",
    "ENETUNREACH",
    () => ({ address: ipv4("255.255.255.255") }),
  ],
  ["it is a multicast", "ENETUNREACH", () => ({ address: ipv4("224.0.0.1") })],
  [
    "it is an IPv6 multicast",
    "ENETUNREACH",
    () => ({ address: ipv6("ff02::1") }),
  ],
  [
    "a file is in the way",
    "ENOTDIR",
    ({ dir }) => ({ address: unix(join(dir, "stale", "x")) }),
  ],
  [
    "the path is missing",
    "ENOENT",
    ({ dir }) => ({ address: unix(join(dir, "none")) }),
  ],
  [
    "the path is stale",
    "ECONNREFUSED",
    ({ dir }) => ({ address: unix(join(dir, "stale")) }),
  ],
  [
    "the abstract name is missing",
    "ECONNREFUSED",
    () => ({ address: unix("\0anysock-nobody") }),
  ],
  [
    "the local address is taken",
    "EADDRINUSE",
    ({ port }) => ({ address: loopback(port), localAddress: loopback(port) }),
  ],
  [
    "the local address is not ours",
    "EADDRNOTAVAIL",
    ({ port }) => ({
      address: loopback(port),
      localAddress: ipv4("198.51.100.1", 0),
    }),
  ],
  [
    "the families differ",
    "EAFNOSUPPORT",
    ({ port }) => ({ address: loopback(port), localAddress: ipv6("::1", 0) }),
  ],
  [
    "a Unix client wants a name",
    "EOPNOTSUPP",
    ({ dir }) => ({
      address: unix(join(dir, "none")),
      localAddress: unix(join(dir, "mine")),
    }),
  ],
];

for (const [way, signal] of WAYS) {
  for (const [what, code, ask] of CONNECTS) {
    test(
      `a Bun stream ${way} fails with ${code} when ${what}`,
      () =>
        withPlaces(async (places) => {
          const connecting = bunRuntime().connect({ ...ask(places), signal });
          await assert.rejects(connecting, (fault) => {
            assert.ok(fault instanceof Fault, String(fault));
            assert.equal(fault.code, code);
            return true;
          });
        }),
      { skip: SKIP },
    );
  }
}

type Place = (places: Places) => Address;

const LISTENS: readonly (readonly [what: string, code: string, Place])[] = [
  ["the port is taken", "EADDRINUSE", ({ port }) => loopback(port)],
  ["the address is not ours", "EADDRNOTAVAIL", () => ipv4("198.51.100.1", 0)],
  ["the path exists", "EADDRINUSE", ({ dir }) => unix(join(dir, "stale"))],
  ["the folder is missing", "ENOENT", ({ dir }) => unix(join(dir, "no", "s"))],
  [
    "a file is in the way",
    "ENOTDIR",
    ({ dir }) => unix(join(dir, "stale", "s")),
  ],
  ["the path is too long", "EINVAL", ({ dir }) => unix(dir.padEnd(108, "x"))],
  [
    "the zone is unknown",
    "EAI_NONAME",
    () => ({ ...ipv6("fe80::1", 0), scopeId: "nosuch" }) as Address,
  ],
];

for (const [what, code, place] of LISTENS) {
  test(
    `a Bun listener fails with ${code} when ${what}`,
    () =>
      withPlaces(async (places) => {
        const address = place(places);
        const listening = bunRuntime().listen({ address, backlog: 1 });
        await assert.rejects(listening, (fault) => {
          assert.ok(fault instanceof Fault, String(fault));
          assert.equal(fault.code, code);
          return true;
        });
      }),
    { skip: SKIP },
  );
}

test(
  "a Bun stream fails with EAGAIN when a Unix queue is full",
  () =>
    withRawPeer((peer) =>
      withTempDir(async (dir) => {
        for (const path of [join(dir, "sock"), "\0anysock-full-queue"]) {
          const listener = await peer.listen({ path }, 1);
          const streams: RawStream[] = [];
          await assert.rejects(async () => {
            while (streams.length < 10) {
              streams.push(await bunRuntime().connect({ address: unix(path) }));
            }
          }, { code: "EAGAIN" });
          // Linux lets one more wait than it was asked to.
          assert.equal(streams.length, 2);
          const recorders = streams.map(record);
          for (const stream of streams) stream.close();
          await Promise.all(recorders.map((each) => each.until("closed")));
          await listener.close();
        }
      })
    ),
  { skip: SKIP || (process.platform !== "linux" && "Linux's own code") },
);

for (
  const [error, code] of [
    [{ code: "ECONNRESET", errno: -104 }, "ECONNRESET"],
    [{ code: "EADDRINUSE", errno: 98 }, "EADDRINUSE"],
    [{ code: "ENOTFOUND", errno: 4 }, "EAI_NONAME"],
    [{ code: "EAI_AGAIN", errno: -3001 }, "EAI_AGAIN"],
    [{ code: "ERR_OUT_OF_RANGE" }, "EINVAL"],
    [{ message: "Failed to listen at fe80::1%x" }, "EINVAL"],
    [{ message: "something new" }, "EIO"],
    [{ code: "ERR_SOMETHING_NEW", message: "something new" }, "EIO"],
  ] as const
) {
  test(`an error of Bun is ${code} when it is ${JSON.stringify(error)}`, () => {
    const fault = toFault(error);
    assert.equal(fault.code, code);
    assert.equal(fault.cause, error);
    assert.equal(fault.reason, code === "EIO" ? "something new" : undefined);
  });
}

test("a refusal of Bun stays one when the route is fine", async () => {
  const error = { code: "ECONNREFUSED" };
  const fault = await toConnectFault(error, ipv4("127.0.0.1"));
  assert.equal(fault.code, "ECONNREFUSED");
});
