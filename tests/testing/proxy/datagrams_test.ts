/** A proxy of datagrams: loss, duplicates, order and damage are real there. */

import assert from "node:assert/strict";
import { AF_INET, SOCK_DGRAM } from "../../../src/constants.ts";
import type { Address } from "../../../src/contracts.ts";
import { type DatagramSocket, socket } from "../../../src/socket/mod.ts";
import {
  type FaultyProxy,
  faultyProxy,
  type LinkRules,
} from "../../../src/testing/mod.ts";
import { test } from "../../harness.ts";

interface Ends {
  readonly proxy: FaultyProxy;
  readonly client: DatagramSocket;
  readonly server: DatagramSocket;
  /** What the server gets of numbers that the client sends, to the marker. */
  sent(count: number): Promise<{ got: number[]; from: Address }>;
}

async function over(
  up: LinkRules,
  use: (ends: Ends) => Promise<void>,
  seed = 1,
): Promise<void> {
  await using server = socket(AF_INET, SOCK_DGRAM);
  await using client = socket(AF_INET, SOCK_DGRAM);
  await server.bind("127.0.0.1:0");
  const target = server.getSockName();
  await using proxy = await faultyProxy(target, { proto: "udp", up, seed });
  await client.connect(proxy.address);
  const sent: Ends["sent"] = async (count) => {
    for (let i = 0; i < count; i++) await client.send(Uint8Array.of(i));
    const got: number[] = [];
    let from: Address | undefined;
    for (let left = expected(proxy, count); left > 0; left = await left_()) {
      const [bytes, address] = await server.recvFrom();
      from = address;
      got.push(bytes[0] as number);
    }
    return { got, from: from as Address };

    async function left_(): Promise<number> {
      while (seen(proxy) < count) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return expected(proxy, count) - got.length;
    }
  };
  await use({ proxy, client, server, sent });
}

/** How many different datagrams the proxy has seen. */
function seen(proxy: FaultyProxy): number {
  return new Set(upwards(proxy).map(({ payload }) => payload)).size;
}

/** How many of them are under way; at first, one at least. */
function expected(proxy: FaultyProxy, count: number): number {
  if (seen(proxy) < count) return 1;
  return upwards(proxy).filter(({ isLost }) => !isLost).length;
}

function upwards(proxy: FaultyProxy) {
  return [...proxy.trace].filter(({ from }) => from.startsWith("c"));
}

const NUMBERS = Array.from({ length: 40 }, (_, i) => i);

test("a proxy of datagrams passes them, and answers find their client", async () => {
  await over({}, async ({ proxy, client, server, sent }) => {
    const { got, from } = await sent(3);
    assert.deepEqual(got, [0, 1, 2]);
    await server.sendTo("answer", from);
    assert.equal(new TextDecoder().decode(await client.recv()), "answer");
    await using other = socket(AF_INET, SOCK_DGRAM);
    await other.sendTo("hi", proxy.address);
    const [, second] = await server.recvFrom();
    assert.notDeepEqual(second, from);
    await server.sendTo("you", second);
    assert.equal(new TextDecoder().decode(await other.recv()), "you");
    assert.equal(proxy.connections, 2);
  });
});

test("a proxy of datagrams loses the same ones for the same seed", async () => {
  const runs: number[][] = [];
  for (const seed of [7, 7, 8]) {
    await over({ lossRate: 0.5 }, async ({ sent }) => {
      runs.push((await sent(40)).got);
    }, seed);
  }
  const [first = [], second, third] = runs;
  assert.ok(first.length > 5 && first.length < 35, `${first.length} of 40`);
  assert.deepEqual(first, second);
  assert.notDeepEqual(first, third);
});

test("a proxy of datagrams doubles and reorders them", async () => {
  await over({ duplicateRate: 1 }, async ({ sent }) => {
    const { got } = await sent(5);
    assert.deepEqual(got, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
  });
  await over({ reorderRate: 0.3, latencyMs: 2 }, async ({ sent }) => {
    const { got } = await sent(40);
    assert.notDeepEqual(got, NUMBERS);
    assert.deepEqual(got.toSorted((a, b) => a - b), NUMBERS);
  });
});

test("a proxy of datagrams changes one bit of each", async () => {
  await over({ corruptRate: 1 }, async ({ client, server }) => {
    await client.send(new Uint8Array(8));
    const [bytes] = await server.recvFrom();
    const ones = [...bytes].join("").replaceAll("0", "");
    assert.ok(["1", "2", "4", "8", "16", "32", "64", "128"].includes(ones));
  });
});

test("a proxy of datagrams drops while it is cut, and what is to fail", async () => {
  await over({}, async ({ proxy, client, server }) => {
    const passed = async (text: string) => {
      const before = upwards(proxy).length;
      await client.send(text);
      while (upwards(proxy).length === before) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    const heal = proxy.cut();
    await passed("lost");
    heal();
    proxy.failNext();
    await passed("lost, too");
    await passed("there");
    const [bytes] = await server.recvFrom();
    assert.equal(new TextDecoder().decode(bytes), "there");
    proxy.reset();
    assert.equal(proxy.connections, 0);
  });
});
