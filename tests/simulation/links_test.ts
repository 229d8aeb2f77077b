/**
 * What each rule of a link does, and that it does nothing at rate 0.
 */

import assert from "node:assert/strict";
import { AF_INET, connect, listen, SOCK_DGRAM, socket } from "../../mod.ts";
import {
  type LinkRules,
  type Run,
  simulate,
  type Simulation,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { ask, twoHosts } from "./scenarios.ts";

/** What a client of the echo server sees of an answer, and when. */
async function answer(
  network: LinkRules,
  bytes = 1_000,
  arrange: (sim: Simulation) => unknown = () => {},
): Promise<Run<string>> {
  return await simulate(async (sim) => {
    const { client } = twoHosts(sim);
    arrange(sim);
    return await client.run(async () => {
      try {
        const sock = await connect("server:7");
        const sending = sock.sendAll("x".repeat(bytes));
        sending.catch(() => {});
        let count = 0;
        const sizes = [];
        while (count < bytes) {
          const chunk = await sock.recv({ timeoutMs: 60_000 });
          if (chunk === null) return `end after ${count}`;
          sizes.push(chunk.length);
          count += chunk.length;
        }
        await sending;
        return `${sizes.length > 1 ? "chunks" : "whole"}`;
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
  }, { network });
}

test("latencyMs is what one way takes", async () => {
  // SYN, SYN-ACK, question, answer.
  const { virtualMs } = await answer({ latencyMs: 50 });
  assert.ok(virtualMs >= 200 && virtualMs < 205, `${virtualMs}`);
});

test("latencyMs may be a range", async () => {
  const { virtualMs } = await answer({ latencyMs: [10, 90] });
  assert.ok(virtualMs > 40 && virtualMs < 360, `${virtualMs}`);
});

test("bytesPerSecond makes a transfer last", async () => {
  const { virtualMs } = await answer({ bytesPerSecond: 10_000 }, 5_000);
  // There and back, half overlapping by the packet.
  assert.ok(virtualMs > 500 && virtualMs < 1_100, `${virtualMs}`);
});

test("a stream's loss is a delay of 200 ms and more", async () => {
  const lossless = await answer({ lossRate: 0 });
  assert.equal(lossless.fired.length, 0);
  const lossy = await answer({ lossRate: 0.5 });
  assert.equal(lossy.value, "whole");
  assert.ok(lossy.fired.length > 0);
  assert.ok(lossy.virtualMs >= 200, `${lossy.virtualMs}`);
});

test("chunkBytes cuts what is received, and 2 % of loss joins nothing wrong", async () => {
  assert.equal((await answer({})).value, "whole");
  assert.equal((await answer({ chunkBytes: [1, 50] })).value, "chunks");
});

const ENDS: readonly (readonly [string, LinkRules, string])[] = [
  ["resetAtByte", { resetAtByte: 500 }, "ECONNRESET"],
  ["endAtByte", { endAtByte: 500 }, "end after 500"],
  ["silentAfterByte", { silentAfterByte: 500 }, "ETIMEDOUT"],
  ["stopAcks", { stopAcks: true }, "ETIMEDOUT"],
  ["connect: refuse", { connect: "refuse" }, "ECONNREFUSED"],
  ["connect: silent", { connect: "silent" }, "ETIMEDOUT"],
  ["connect: unreachable", { connect: "unreachable" }, "EHOSTUNREACH"],
  ["connect: reset", { connect: "reset" }, "ECONNRESET"],
];

for (const [name, rules, expected] of ENDS) {
  test(`${name} ends a connection with ${expected}`, async () => {
    const { value } = await answer(rules);
    assert.equal(value, expected);
  });
}

test("a SYN that nobody answers is given up after 127 seconds", async () => {
  const { value, virtualMs } = await answer({ connect: "silent" });
  assert.equal(value, "ETIMEDOUT");
  assert.equal(virtualMs, 127_000);
});

test("windowBytes bounds what a writer gets away", async () => {
  const sent = async (windowBytes: number) => {
    const { value } = await simulate(async (sim) => {
      sim.host("server", async () => {
        await (await listen("0.0.0.0:7")).accept();
      });
      return await sim.host("client").run(async () => {
        const sock = await connect("server:7");
        await sock.sendAll(new Uint8Array(1_000_000), { timeoutMs: 100 })
          .catch(() => {});
        return sock.bytesSent;
      });
    }, { network: { windowBytes } });
    return value;
  };
  assert.ok(await sent(10_000) < await sent(100_000));
});

test("backlog bounds who waits to be accepted", async () => {
  const { value } = await simulate(async (sim) => {
    sim.host("server", () => listen("0.0.0.0:7"));
    return await sim.host("client").run(async () => {
      const codes = [];
      for (let i = 0; i < 3; i++) {
        codes.push(
          await connect("server:7", { timeoutMs: 500 }).then(
            () => "in",
            (error) => error.code,
          ),
        );
      }
      return codes;
    });
  }, { network: { backlog: 2 } });
  assert.deepEqual(value, ["in", "in", "ETIMEDOUT"]);
});

test("a short or late write loses nothing", async () => {
  const rules = { shortWriteRate: 0.7, lateWriteRate: 0.7 };
  const { value, fired } = await answer(rules, 200_000);
  assert.equal(value, "chunks");
  for (const what of ["short write", "late write"]) {
    assert.ok(fired.some(({ key }) => key.startsWith(what)), what);
  }
  const none = await answer({ shortWriteRate: 0, lateWriteRate: 0 }, 200_000);
  assert.equal(none.fired.length, 0);
});

/** The numbers of 200 datagrams in the order in which they come. */
async function datagrams(network: LinkRules): Promise<readonly number[]> {
  const { value } = await simulate(async (sim) => {
    const seen: number[] = [];
    sim.host("server", async () => {
      const sock = socket(AF_INET, SOCK_DGRAM);
      await sock.bind("0.0.0.0:9");
      while (true) {
        const [data] = await sock.recvFrom();
        seen.push(data[0] === 7 ? new DataView(data.buffer).getUint16(1) : -1);
      }
    });
    await sim.host("client").run(async () => {
      const sock = socket(AF_INET, SOCK_DGRAM);
      for (let i = 0; i < 200; i++) {
        const data = new Uint8Array(2_000);
        data[0] = 7;
        new DataView(data.buffer).setUint16(1, i);
        await sock.sendTo(data, "server:9");
        await sim.sleep(1);
      }
    });
    await sim.sleep(1_000);
    return seen;
  }, { network });
  return value;
}

const inOrder = Array.from({ length: 200 }, (_, i) => i);

test("datagrams come once and in order at rate 0", async () => {
  const network: LinkRules = {
    lossRate: 0,
    duplicateRate: 0,
    reorderRate: 0,
    corruptRate: 0,
  };
  assert.deepEqual(await datagrams(network), inOrder);
});

test("lossRate loses datagrams, and more where each has fragments", async () => {
  const [some, fewer] = [
    await datagrams({ lossRate: 0.2 }),
    await datagrams({ lossRate: 0.2, mtuBytes: 400 }),
  ];
  assert.ok(some.length < 200 && some.length > 80, `${some.length}`);
  assert.ok(fewer.length < some.length, `${fewer.length}`);
});

test("duplicateRate brings datagrams twice", async () => {
  const seen = await datagrams({ duplicateRate: 0.2 });
  assert.ok(seen.length > 210 && seen.length < 290, `${seen.length}`);
  assert.equal(new Set(seen).size, 200);
});

test("reorderRate lets later datagrams overtake", async () => {
  const seen = await datagrams({ reorderRate: 0.2 });
  assert.notDeepEqual(seen, inOrder);
  assert.deepEqual([...seen].sort((a, b) => a - b), inOrder);
});

test("corruptRate turns one bit", async () => {
  const { value } = await simulate(async (sim) => {
    const wrong: number[] = [];
    sim.host("server", async () => {
      const sock = socket(AF_INET, SOCK_DGRAM);
      await sock.bind("0.0.0.0:9");
      while (true) {
        const [data] = await sock.recvFrom();
        const bits = [...data].reduce(
          (sum, byte) => sum + byte.toString(2).replaceAll("0", "").length,
          0,
        );
        wrong.push(bits);
      }
    });
    await sim.host("client").run(async () => {
      const sock = socket(AF_INET, SOCK_DGRAM);
      for (let i = 0; i < 50; i++) {
        await sock.sendTo(new Uint8Array(100), "server:9");
      }
    });
    await sim.sleep(10);
    return wrong;
  }, { network: { corruptRate: 0.5 } });
  assert.equal(value.length, 50);
  assert.deepEqual([...new Set(value)].sort(), [0, 1]);
});

test("a slow link loses datagrams that its queue of 64 KiB cannot hold", async () => {
  const { value } = await simulate(async (sim) => {
    let count = 0;
    sim.host("server", async () => {
      const sock = socket(AF_INET, SOCK_DGRAM);
      await sock.bind("0.0.0.0:9");
      while (true) {
        await sock.recvFrom();
        count++;
      }
    });
    await sim.host("client").run(async () => {
      const sock = socket(AF_INET, SOCK_DGRAM);
      for (let i = 0; i < 100; i++) {
        await sock.sendTo(new Uint8Array(1_024), "server:9");
      }
    });
    await sim.sleep(100_000);
    return count;
  }, { network: { bytesPerSecond: 1_000 } });
  assert.equal(value, 64);
});

test("a cut shorter than 15 minutes only delays a stream", async () => {
  const { value, virtualMs } = await simulate(async (sim) => {
    const { client } = twoHosts(sim);
    return await client.run(async () => {
      const sock = await connect("server:7");
      const undo = sim.partition(["client"], ["server"]);
      await sock.sendAll("hello");
      await sim.sleep(600_000);
      undo();
      return new TextDecoder().decode(await sock.recv() ?? undefined);
    });
  });
  assert.equal(value, "hello");
  assert.ok(virtualMs > 600_000 && virtualMs < 800_000, `${virtualMs}`);
});

test("a cut of one way lets the other pass", async () => {
  const { value } = await simulate(async (sim) => {
    const seen: string[] = [];
    for (const name of ["a", "b"]) {
      sim.host(name, async () => {
        const sock = socket(AF_INET, SOCK_DGRAM);
        await sock.bind("0.0.0.0:9");
        while (true) {
          await sock.recvFrom();
          seen.push(name);
        }
      });
    }
    const send = async (to: string) => {
      await socket(AF_INET, SOCK_DGRAM).sendTo("x", `${to}:9`);
    };
    await sim.sleep(1);
    const [a, b] = [sim.host("from a"), sim.host("from b")];
    {
      using _ = sim.cut("from a", "b");
      await a.run(() => send("b"));
      await b.run(() => send("a"));
      await sim.sleep(5);
    }
    await a.run(() => send("b"));
    await sim.sleep(5);
    return seen;
  });
  assert.deepEqual(value, ["a", "b"]);
});

test("what takes a partition back works once", async () => {
  const { trace } = await simulate((sim) => {
    sim.host("a");
    sim.host("b");
    const undo = sim.partition(["a"], ["b"]);
    for (let i = 0; i < 3; i++) undo();
    return Promise.resolve();
  });
  const told = [...trace].map(({ what }) => what);
  assert.deepEqual(told, ["PARTITION a | b", "HEAL a | b"]);
});

test("one group is cut from all others, more from each other", async () => {
  const reach = async (...groups: readonly string[][]) => {
    const { value } = await simulate(async (sim) => {
      const names = ["a", "b", "c", "d"];
      const hosts = names.map((name) =>
        sim.host(name, async () => {
          const listener = await listen("0.0.0.0:1");
          while (true) await listener.accept();
        })
      );
      await sim.sleep(1);
      sim.partition(...groups);
      const found: string[] = [];
      await Promise.all(
        hosts.flatMap((host) =>
          names.filter((to) => to > host.name).map((to) =>
            host.run(() => connect(`${to}:1`, { timeoutMs: 100 })).then(
              () => found.push(host.name + to),
              () => {},
            )
          )
        ),
      );
      return found.sort().join(" ");
    });
    return value;
  };
  assert.equal(await reach(["a"]), "bc bd cd");
  assert.equal(await reach(["a", "b"]), "ab cd");
  assert.equal(await reach(["a"], ["b"]), "ac ad bc bd cd");
});

test("rules match by host, port and protocol, and later ones win", async () => {
  const took = async (arrange: (sim: Simulation) => unknown) =>
    Math.round((await answer({}, 10, arrange)).virtualMs);
  const latencyMs = 100;
  assert.equal(await took((sim) => sim.rule({ port: 8 }, { latencyMs })), 4);
  assert.equal(
    await took((sim) => sim.rule({ proto: "udp" }, { latencyMs })),
    4,
  );
  assert.equal(
    await took((sim) => sim.rule({ from: "other" }, { latencyMs })),
    4,
  );
  assert.equal(
    await took((sim) => sim.rule({ from: "client" }, { latencyMs })),
    202,
  );
  assert.equal(
    await took((sim) => sim.rule({ to: "client" }, { latencyMs })),
    202,
  );
  const between = ["client", "server"] as const;
  assert.equal(await took((sim) => sim.rule({ between }, { latencyMs })), 400);
  assert.equal(
    await took((sim) => {
      sim.rule({ port: 7 }, { latencyMs: 30 });
      const undo = sim.rule({ port: 7 }, { latencyMs: 500 });
      sim.rule({ port: 7, proto: "tcp" }, { latencyMs: 10 });
      undo();
    }),
    40,
  );
});

test("names fail, wait and mean others by rule", async () => {
  const look = async (network: LinkRules) => {
    const { value } = await simulate(async (sim) => {
      const { client } = twoHosts(sim);
      const before = sim.now;
      try {
        await client.run(() => ask("server:7", "hi"));
        return `found in ${Math.round(sim.now - before)}`;
      } catch (error) {
        const { code } = error as { code: string };
        return `${code} in ${Math.round(sim.now - before)}`;
      }
    }, { network });
    return value;
  };
  const names = async (names: LinkRules["names"], lookupMs = 0) => {
    const { value } = await simulate(async (sim) => {
      const { client } = twoHosts(sim);
      sim.rule({ from: "client" }, { names, lookupMs } as LinkRules);
      try {
        return await client.run(() => ask("server:7", "hi"));
      } catch (error) {
        const { code } = error as { code: string };
        return `${code} at ${Math.round(sim.now)}`;
      }
    });
    return value;
  };
  assert.equal(await look({}), "found in 4");
  assert.equal(await names("EAI_NONAME"), "EAI_NONAME at 0");
  assert.equal(await names("EAI_AGAIN", 300), "EAI_AGAIN at 300");
  assert.equal(await names("timeout"), "EAI_AGAIN at 10000");
  assert.equal(
    await names({ server: ["10.9.9.9"] }),
    "EHOSTUNREACH at 0",
  );
  assert.equal(await names({ other: ["10.9.9.9"] }), "hi");
});

test("keep-alive finds a dead peer in virtual time", async () => {
  const { value } = await simulate(async (sim) => {
    const { server, client } = twoHosts(sim);
    return await client.run(async () => {
      const keepAlive = { idleMs: 60_000, intervalMs: 10_000, count: 3 };
      const sock = await connect("server:7", { keepAlive });
      await sim.sleep(10_000);
      server.crash();
      const code = await sock.recv().catch((error) => error.code);
      return [code, Math.round(sim.now / 1_000)];
    });
  });
  assert.deepEqual(value, ["ETIMEDOUT", 90]);
});
