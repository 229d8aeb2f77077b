/**
 * A server's sums under schedules of chance, on a network that cuts at random.
 */

import assert from "node:assert/strict";
import process from "node:process";
import type { StreamSocket } from "../../mod.ts";
import { encodeProxyHeader, serve } from "../../src/server/mod.ts";
import { FakeClock, memoryNetwork } from "../../src/testing/mod.ts";
import { fc } from "../framing/fast_check.ts";
import { test } from "../harness.ts";
import { addsUp, clientOf, until } from "./support.ts";

/** What may happen next. */
type Step =
  | {
    readonly kind: "connect";
    readonly word: string;
    readonly proxied: boolean;
  }
  | { readonly kind: "leave" | "reset" | "say"; readonly who: number }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "turns" };

const WORDS = ["echo", "fail", "keep", "gone", "part", "slow"];

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("connect" as const),
      word: fc.constantFrom(...WORDS),
      proxied: fc.boolean(),
    }),
    fc.record({
      kind: fc.constantFrom("leave" as const, "reset" as const, "say" as const),
      who: fc.nat(20),
    }),
    fc.record({ kind: fc.constant("time" as const), ms: fc.nat(2000) }),
    fc.record({ kind: fc.constant("turns" as const) }),
  ),
  { maxLength: 40 },
);

const header = encodeProxyHeader({
  source: { family: "ipv4", hostname: "192.0.2.1", port: 1 },
  destination: { family: "ipv4", hostname: "192.0.2.2", port: 2 },
});

/** Does what its client's first word says. */
async function obey(connection: StreamSocket): Promise<void> {
  const word = new TextDecoder().decode(await connection.recvExactly(4));
  if (word === "fail") throw new Error("as it was told");
  if (word === "gone") return void await connection.close({ lingerMs: 0 });
  if (word === "part") return await connection.sendAll(new Uint8Array(200_000));
  if (word === "slow") return await new Promise(() => {});
  for await (const bytes of connection) await connection.sendAll(bytes);
}

async function play(seed: number, schedule: readonly Step[]): Promise<void> {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock, seed, pipeBytes: 8192 });
  const server = await serve("127.0.0.1:0", obey, {
    ...{
      runtime,
      maxConnections: 5,
      maxPerHost: 3,
      whenFull: "reset" as const,
    },
    ...{ idleTimeoutMs: 1000, maxConnectionMs: 3000, handshakeTimeoutMs: 500 },
    proxyProtocol: { from: ["127.0.0.1"], required: false },
    verifyRequest: async (_connection, { id }) => {
      if (id % 7 === 0) throw new Error("as it was told");
      if (id % 11 === 0) await new Promise(() => {});
      return id % 5 !== 0;
    },
    onError: () => {},
  });
  const clients: StreamSocket[] = [];
  const quietly = (work: Promise<unknown>) => void work.catch(() => {});
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      addsUp(server.stats);
      assert.ok(server.connections.size <= 5);
    }
  };
  for (const step of schedule) {
    const client = "who" in step
      ? clients[step.who % clients.length]
      : undefined;
    if (step.kind === "connect") {
      const made = await clientOf(server, runtime).catch(() => undefined);
      if (made === undefined) continue;
      clients.push(made);
      quietly(made.sendAll(step.proxied ? [header, step.word] : step.word));
    } else if (step.kind === "time") clock.advance(step.ms);
    else if (step.kind === "turns") await turns(3);
    else if (client?.isClosed !== false) continue;
    else if (step.kind === "leave") void client.close({ lingerMs: 0 });
    else if (step.kind === "reset") client.reset();
    else quietly(client.sendAll("more"));
    addsUp(server.stats);
  }
  await turns(2);
  const { active } = server.stats;
  const open = server.connections.size;
  const stopped = server.stop({ graceMs: 100 });
  await until(() => clock.pending > 0 || server.state === "closed");
  await turns(3);
  clock.advance(200);
  const { finished, reset } = await stopped;
  assert.ok(finished + reset <= open && finished + reset >= active - open);
  addsUp(server.stats);
  assert.equal(server.stats.active, 0);
  await Promise.all(clients.map((client) => client.close({ lingerMs: 0 })));
  clock.advance(10_000);
}

test("a server's sums are right whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1000), steps, play),
    { seed: 1998, numRuns: Number(process.env["FAST_CHECK_RUNS"] ?? 60) },
  );
}, { timeoutMs: 60_000 });
