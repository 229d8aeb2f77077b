/**
 * Twelve small protocols, each with one bug that is planted or left out: what
 * an exploration has to find, and what it must not.
 *
 * @module
 */

import {
  AF_INET,
  connect,
  type DatagramSocket,
  listen,
  SOCK_DGRAM,
  socket,
  type StreamSocket,
} from "../../mod.ts";
import {
  type ExploreOptions,
  liveHandles,
  type Simulation,
} from "../../src/testing/mod.ts";

/** A protocol with a bug. */
export interface Planted {
  readonly name: string;
  readonly options: ExploreOptions;
  /** What a failure says. */
  readonly says: RegExp;
  /** The faults that it takes, and no others. */
  readonly minimal: readonly RegExp[];
  scenario(sim: Simulation, isBroken: boolean): Promise<void>;
}

const decoder = new TextDecoder();

/** @throws {Error} unless something holds. */
function demand(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}

async function bound(port: number): Promise<DatagramSocket> {
  const sock = socket(AF_INET, SOCK_DGRAM);
  await sock.bind(["0.0.0.0", port]);
  return sock;
}

/** Serves each connection by a handler, whose failures end that one. */
async function serveEach(
  handler: (sock: StreamSocket) => Promise<unknown>,
): Promise<never> {
  const listener = await listen("0.0.0.0:1");
  while (true) {
    const [sock] = await listener.accept();
    void handler(sock).catch(() => {}).then(() => sock.close());
  }
}

const splitPoint: Planted = {
  name: "split point",
  options: { network: { chunkBytes: [1, 40] } },
  says: /not "PING\\n"/,
  minimal: [/^split c1:client>server:1 at \d$/],
  async scenario(sim, isBroken) {
    let seen = "";
    sim.host("server", () =>
      serveEach(async (sock) => {
        const bytes = isBroken
          ? await sock.recv()
          : await sock.recvUntil("\n", { keepDelimiter: true });
        seen = decoder.decode(bytes ?? undefined);
      }));
    await sim.host("client").run(async () => {
      await (await connect("server:1")).sendAll("PING\n");
    });
    await sim.sleep(100);
    demand(seen === "PING\n", `${JSON.stringify(seen)}, not "PING\\n"`);
  },
};

const countedTwice: Planted = {
  name: "retry counted twice",
  options: { network: { lossRate: 0.15, latencyMs: [1, 30] } },
  says: /20 increments asked, 21 counted/,
  minimal: [/^loss UDP counter>client:\d+ #\d+\.0 try 0$/],
  async scenario(sim, isBroken) {
    let count = 0;
    sim.host("counter", async () => {
      const sock = await bound(9);
      const seen = new Set<string>();
      while (true) {
        const [data, from] = await sock.recvFrom();
        const text = decoder.decode(data);
        if (isBroken || !seen.has(text)) count++;
        seen.add(text);
        await sock.sendTo(`OK ${text}`, from);
      }
    });
    await sim.host("client").run(async () => {
      const sock = await bound(8);
      for (let i = 0; i < 20; i++) {
        while (true) {
          await sock.sendTo(`INC ${i}`, "counter:9");
          const answer = await sock.recvFrom({ timeoutMs: 200 })
            .catch(() => undefined);
          if (answer && decoder.decode(answer[0]) === `OK INC ${i}`) break;
        }
      }
    });
    demand(count === 20, `20 increments asked, ${count} counted`);
  },
};

const twoLeaders: Planted = {
  name: "two leaders",
  options: {},
  says: /one leader/,
  minimal: [/^partition \d+$/],
  async scenario(sim, isBroken) {
    const [answered, heard] = [{ at: -1_000 }, { at: 0 }];
    const a = sim.host("a", async () => {
      const sock = await bound(9);
      void (async () => {
        while (true) {
          await sock.recvFrom();
          answered.at = performance.now();
        }
      })();
      while (true) {
        await sock.sendTo("HEARTBEAT", "b:9");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
    sim.host("b", async () => {
      const sock = await bound(9);
      while (true) {
        const [, from] = await sock.recvFrom();
        heard.at = performance.now();
        await sock.sendTo("OK", from);
      }
    });
    sim.check("one leader", () => {
      const isFirst = isBroken || sim.now - answered.at < 300;
      const isSecond = sim.now - heard.at > 500;
      return !(isFirst && isSecond);
    });
    for (let i = 0; i < 10; i++) {
      await sim.sleep(500);
      if (!sim.chance(0.15, `partition ${i}`)) continue;
      using _ = sim.partition([a]);
      await sim.sleep(700);
    }
  },
};

const lostWakeUp: Planted = {
  name: "lost wake-up",
  options: {},
  says: /job \d+ waited/,
  minimal: [/^hurry \d+$/],
  async scenario(sim, isBroken) {
    const came: number[] = [];
    const queue: number[] = [];
    let wake: (() => void) | undefined;
    let worst = "";
    sim.host("worker", async () => {
      const sock = await bound(9);
      void (async () => {
        while (true) {
          const [data] = await sock.recvFrom();
          const job = Number(decoder.decode(data));
          came[job] = performance.now();
          queue.push(job);
          wake?.();
        }
      })();
      while (true) {
        if (queue.length === 0) {
          // What it reports takes a moment, in which a job may come.
          await new Promise((resolve) => setTimeout(resolve, 3));
          if (isBroken || queue.length === 0) {
            await new Promise<void>((resolve) => wake = resolve);
          }
        }
        for (const job of queue.splice(0)) {
          if (performance.now() - (came[job] as number) <= 20) continue;
          worst ||= `job ${job} waited`;
        }
      }
    });
    await sim.host("boss").run(async () => {
      const sock = await bound(8);
      await sim.sleep(50);
      for (let i = 0; i < 20; i++) {
        await sock.sendTo(`${i}`, "worker:9");
        await sim.sleep(sim.chance(0.05, `hurry ${i}`) ? 1 : 50);
      }
    });
    await sim.sleep(100);
    demand(worst === "" && queue.length === 0, worst || "job 20 waited");
  },
};

const leakedSocket: Planted = {
  name: "leaked socket",
  options: { network: { lossRate: 0.02 } },
  says: /sockets are left open/,
  minimal: [/^loss c\d+:(client>server|server>client):1 \S+( \S+)? try 0$/],
  async scenario(sim, isBroken) {
    sim.host("server", () =>
      serveEach(async (sock) => {
        for await (const chunk of sock) await sock.sendAll(chunk);
      }));
    await sim.host("client").run(async () => {
      for (let i = 0; i < 10; i++) {
        const sock = await connect("server:1");
        try {
          await sock.sendAll("hello");
          await sock.recvExactly(5, { timeoutMs: 150 });
          if (isBroken) await sock.close();
        } catch {
          // The next one may have more luck.
        } finally {
          if (!isBroken) await sock.close();
        }
      }
    });
    await sim.sleep(60_000);
    const { stream } = liveHandles();
    demand(stream === 0, `${stream} sockets are left open`);
  },
};

const missedTimeout: Planted = {
  name: "missed timeout",
  options: {},
  says: /no answer for 10 seconds/,
  minimal: [/^stop \d+$/],
  async scenario(sim, isBroken) {
    let asked = Infinity;
    const server = sim.host("server", () =>
      serveEach(async (sock) => {
        for await (const chunk of sock) await sock.sendAll(chunk);
      }));
    sim.check("no answer for 10 seconds", () => sim.now - asked < 10_000);
    const client = sim.host("client", undefined);
    await client.run(async () => {
      for (let i = 0; i < 10; i++) {
        const sock = await connect("server:1", { timeoutMs: 2_000 });
        if (sim.chance(0.1, `stop ${i}`)) {
          server.stop();
          setTimeout(() => server.resume(), 30_000);
        }
        asked = performance.now();
        await sock.sendAll("hello");
        const wait = isBroken ? {} : { timeoutMs: 2_000 };
        await sock.recvExactly(5, wait).catch(() => {});
        asked = Infinity;
        await sock.close({ lingerMs: 0 });
      }
    });
  },
};

const unboundedBuffer: Planted = {
  name: "unbounded buffer",
  options: {
    faults: [
      { at: 5, skew: "relay", byMs: 1_000 },
      { at: 20, forMs: 5_000, stop: "reader" },
      { at: 30, rules: { latencyMs: 3 } },
    ],
  },
  says: /a bounded buffer/,
  minimal: [/^plan 1$/],
  async scenario(sim, isBroken) {
    let held = 0;
    sim.check("a bounded buffer", () => held <= 400_000);
    sim.host("reader", () =>
      serveEach(async (sock) => {
        while (await sock.recv() !== null);
      }));
    sim.host("relay", () =>
      serveEach(async (sock) => {
        const out = await connect("reader:1");
        let last = Promise.resolve();
        for await (const chunk of sock) {
          held += chunk.length;
          const sent = () =>
            out.sendAll(chunk).then(() => held -= chunk.length);
          last = last.then(sent).then(() => {});
          if (!isBroken) await last;
        }
        await last;
        await out.close();
      }));
    await sim.host("source").run(async () => {
      const sock = await connect("relay:1");
      for (let i = 0; i < 80; i++) {
        await sock.sendAll(new Uint8Array(16_384));
        await sim.sleep(1);
      }
      await sock.close();
    });
    await sim.sleep(20_000);
  },
};

const answerAfterCancel: Planted = {
  name: "answer after cancel",
  options: { network: { lossRate: 0.02 } },
  says: /asked for b\d+, told /,
  minimal: [/^loss c\d+:(client>server|server>client):1 DATA \S+ try 0$/],
  async scenario(sim, isBroken) {
    sim.host("server", () =>
      serveEach(async (sock) => {
        while (true) {
          await sock.sendAll(await sock.recvExactly(3));
        }
      }));
    await sim.host("client").run(async () => {
      let sock = await connect("server:1");
      for (let i = 10; i < 30; i++) {
        const text = `b${i}`;
        try {
          await sock.sendAll(text);
          const answer = decoder.decode(
            await sock.recvExactly(3, { timeoutMs: 100 }),
          );
          demand(answer === text, `asked for ${text}, told ${answer}`);
        } catch (error) {
          if ((error as { code?: string }).code !== "ETIMEDOUT") throw error;
          if (isBroken) continue;
          await sock.close({ lingerMs: 0 });
          sock = await connect("server:1");
        }
        await sim.sleep(150);
      }
    });
  },
};

const staleConnection: Planted = {
  name: "stale connection after restart",
  options: {},
  says: /reset by peer/,
  minimal: [/^crash \d+$/],
  async scenario(sim, isBroken) {
    const server = sim.host("server", () =>
      serveEach(async (sock) => {
        for await (const chunk of sock) await sock.sendAll(chunk);
      }));
    await sim.host("client").run(async () => {
      let sock = await connect("server:1");
      const ask = async () => {
        await sock.sendAll("hello");
        await sock.recvExactly(5);
      };
      for (let i = 0; i < 20; i++) {
        if (sim.chance(0.05, `crash ${i}`)) {
          server.crash();
          await server.restart();
        }
        await sim.sleep(10);
        try {
          await ask();
        } catch (error) {
          if (isBroken) throw error;
          await sock.close({ lingerMs: 0 });
          sock = await connect("server:1");
          await ask();
        }
      }
    });
  },
};

const clockBack: Planted = {
  name: "clock that goes back",
  options: {
    faults: [
      { at: 300, skew: "server", byMs: -60_000 },
      { at: 500, skew: "cache", byMs: 20 },
      { at: 700, skew: "cache", byMs: -60_000 },
      { at: 900, skew: "server", byMs: 10 },
    ],
  },
  says: /older than 2 seconds/,
  minimal: [/^plan 2$/],
  async scenario(sim, isBroken) {
    let made = 0;
    sim.host("server", () =>
      serveEach(async (sock) => {
        await sock.sendAll(`${Math.round(performance.now())}`.padStart(9));
      }));
    await sim.host("cache").run(async () => {
      const now = () => isBroken ? Date.now() : performance.now();
      let [value, until] = ["", -Infinity];
      for (let i = 0; i < 50; i++) {
        if (now() >= until) {
          const sock = await connect("server:1");
          value = decoder.decode(await sock.recvExactly(9));
          await sock.close();
          until = now() + 1_000;
        }
        made = Number(value);
        demand(sim.now - made < 2_000, "it is older than 2 seconds");
        await sim.sleep(100);
      }
    });
  },
};

const reconnectStorm: Planted = {
  name: "reconnect storm",
  options: {},
  says: /at most 20 attempts a second/,
  minimal: [/^down \d+$/],
  async scenario(sim, isBroken) {
    const attempts: number[] = [];
    sim.check("at most 20 attempts a second", () => {
      const [oldest = -Infinity] = attempts.slice(-21);
      return attempts.length < 21 || sim.now - oldest > 1_000;
    });
    sim.host("server", async () => {
      for (let i = 0;; i++) {
        const listener = await listen("0.0.0.0:1");
        const [sock] = await listener.accept();
        await sim.sleep(300);
        await listener.close();
        await sock.close({ lingerMs: 0 });
        if (sim.chance(0.1, `down ${i}`)) await sim.sleep(2_000);
      }
    });
    await sim.host("client").run(async () => {
      let waitMs = 100;
      for (let i = 0; i < 60 && sim.now < 20_000; i++) {
        attempts.push(performance.now());
        try {
          const sock = await connect("server:1");
          waitMs = 100;
          while (await sock.recv() !== null);
          await sock.close();
          await sim.sleep(100);
        } catch {
          await sim.sleep(isBroken ? 10 : waitMs *= 2);
        }
      }
    });
  },
};

const halfOpen: Planted = {
  name: "half-open",
  options: {},
  says: /sessions? left after 10 minutes/,
  minimal: [/^crash client \d$/],
  async scenario(sim, isBroken) {
    let sessions = 0;
    sim.host("server", () =>
      serveEach(async (sock) => {
        sessions++;
        try {
          const wait = isBroken ? {} : { timeoutMs: 60_000 };
          while (await sock.recv(wait) !== null);
        } finally {
          sessions--;
        }
      }));
    for (let i = 0; i < 8; i++) {
      const client = sim.host(`client ${i}`);
      const sock = await client.run(() => connect("server:1"));
      await client.run(() => sock.sendAll("hello"));
      if (sim.chance(0.1, `crash client ${i}`)) client.crash();
      else await client.run(() => sock.close());
    }
    await sim.sleep(600_000);
    demand(sessions === 0, `${sessions} sessions left after 10 minutes`);
  },
};

/** All twelve. */
export const PLANTED: readonly Planted[] = [
  splitPoint,
  countedTwice,
  twoLeaders,
  lostWakeUp,
  leakedSocket,
  missedTimeout,
  unboundedBuffer,
  answerAfterCancel,
  staleConnection,
  clockBack,
  reconnectStorm,
  halfOpen,
];
