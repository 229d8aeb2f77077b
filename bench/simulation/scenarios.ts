/** What is simulated: each is some load for the simulation, at a given scale. */

import { AF_INET, connect, listen, SOCK_DGRAM, socket } from "../../mod.ts";
import {
  explore,
  type Scenario,
  simulate,
  type Simulation,
} from "../../src/testing/mod.ts";
import type { Load } from "./results.ts";

/** What a load came to. */
export interface Played {
  readonly events: number;
  readonly virtualMs: number;
}

type Play = (scale: number) => Promise<Played>;

const TIMERS = 100;
const TICKS = 3_000;
const PAIRS = 10;
const TRIPS = 2_000;
const HOSTS = 1_000;
const CONNECTIONS_EACH = 10;
const HOUR_MS = 3_600_000;
const BEAT_MS = 15_000;
const RUNS = 100;

/** Echoes what comes, to as many as come. */
async function echo(address: string): Promise<never> {
  const listener = await listen(address);
  while (true) void answer((await listener.accept())[0]);
}

async function answer(
  client: Awaited<ReturnType<typeof connect>>,
): Promise<void> {
  for await (const chunk of client) await client.sendAll(chunk);
  await client.close();
}

/** A program that waits again and again. */
async function tick(times: number, everyMs: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

const timers = (scale: number): Scenario<unknown> => (sim) =>
  sim.host("a").run(() =>
    Promise.all(Array.from(
      { length: TIMERS },
      (_, i) => tick(Math.ceil(TICKS * scale), 1 + i % 7),
    ))
  );

async function converse(address: string, trips: number): Promise<void> {
  const server = await connect(address);
  const message = new Uint8Array(64).fill(7);
  for (let i = 0; i < trips; i++) {
    await server.sendAll(message);
    await server.recvExactly(message.length);
  }
  await server.close();
}

const network = (scale: number): Scenario<unknown> => (sim) => {
  sim.host("server", () => echo("0.0.0.0:7"));
  return Promise.all(
    Array.from(
      { length: PAIRS },
      (_, i) =>
        sim.host(`client${i}`).run(() =>
          converse("server:7", Math.ceil(TRIPS * scale))
        ),
    ),
  );
};

/** A ring of hosts, each of which has connections to the next ten. */
const crowd = (scale: number): Scenario<unknown> => async (sim) => {
  const count = Math.ceil(HOSTS * scale);
  const hosts = Array.from(
    { length: count },
    (_, i) => sim.host(`h${i}`, () => echo("0.0.0.0:7")),
  );
  await Promise.all(hosts.map((host, i) =>
    host.run(async () => {
      const links = await Promise.all(
        Array.from({ length: CONNECTIONS_EACH }, (_, k) =>
          connect(`h${(i + k + 1) % count}:7`)),
      );
      await Promise.all(links.map(async (link) => {
        await link.sendAll("hello");
        await link.recvExactly(5);
      }));
    })
  ));
};

/** Clients that say something every 15 seconds, for so long. */
const keepAlive =
  (clients: number, forMs: number): Scenario<unknown> => (sim: Simulation) => {
    sim.host("server", () => echo("0.0.0.0:7"));
    return Promise.all(
      Array.from(
        { length: clients },
        (_, i) =>
          sim.host(`client${i}`).run(async () => {
            const server = await connect("server:7");
            for (let at = 0; at < forMs; at += BEAT_MS) {
              await tick(1, BEAT_MS);
              await server.sendAll("ping");
              await server.recvExactly(4);
            }
            await server.close();
          }),
      ),
    );
  };

async function serveCounter(counter: { value: number }): Promise<never> {
  const sock = socket(AF_INET, SOCK_DGRAM);
  await sock.bind("0.0.0.0:9");
  const seen = new Set<string>();
  while (true) {
    const [data, from] = await sock.recvFrom();
    const id = new TextDecoder().decode(data);
    if (!seen.has(id)) counter.value++;
    seen.add(id);
    await sock.sendTo("OK", from);
  }
}

async function increment(address: string, id: number): Promise<void> {
  const sock = socket(AF_INET, SOCK_DGRAM);
  let isDone = false;
  while (!isDone) {
    await sock.sendTo(`INC ${id}`, address);
    isDone = await sock.recvFrom({ timeoutMs: 200 })
      .then(() => true, () => false);
  }
  await sock.close();
}

/** The retry of the documents, without its bug: every run is whole. */
const retry: Scenario<unknown> = async (sim) => {
  const counter = { value: 0 };
  sim.host("counter", () => serveCounter(counter));
  await sim.host("client").run(async () => {
    for (let i = 0; i < 20; i++) await increment("counter:9", i);
  });
  if (counter.value !== 20) throw new Error(`${counter.value} counted`);
};

const DAY = 24;

/** The loads, by name; a scale of 1 is what the bars are about. */
export const PLAYS: Readonly<Record<Load, Play>> = {
  timers: (scale) => simulate(timers(scale)),
  network: (scale) => simulate(network(scale)),
  crowd: (scale) => simulate(crowd(scale)),
  hour: (scale) => simulate(keepAlive(1, HOUR_MS * scale)),
  day: (scale) => simulate(keepAlive(100, DAY * HOUR_MS * scale)),
  explore: (scale) =>
    explore(retry, {
      runs: Math.ceil(RUNS * scale),
      network: { lossRate: 0.15, latencyMs: [1, 30] },
    }),
};
