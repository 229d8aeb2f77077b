/**
 * Who may come in: limits of a server, and the arithmetic of descriptors.
 */

import assert from "node:assert/strict";
import { type Address, SOMAXCONN, type StreamSocket } from "../../mod.ts";
import {
  type AskedLimits,
  type DescriptorFacts,
  hostOf,
  HostTable,
  planDescriptors,
} from "../../src/server/limits.ts";
import { serve } from "../../src/server/mod.ts";
import { Networks } from "../../src/server/networks.ts";
import { test } from "../harness.ts";
import {
  addsUp,
  ask,
  clientOf,
  closeAll,
  echo,
  isReset,
  onEach,
  until,
  visit,
} from "./support.ts";

const MOST = 3;

async function clients(
  count: number,
  make: () => Promise<StreamSocket>,
): Promise<StreamSocket[]> {
  return await Promise.all(Array.from({ length: count }, make));
}

onEach("a full server lets the next wait", async (runtime) => {
  let most = 0;
  const server = await serve("127.0.0.1:0", async (connection) => {
    most = Math.max(most, server.connections.size);
    await echo(connection);
  }, { runtime, maxConnections: MOST });
  const inside = await clients(MOST, () => clientOf(server, runtime));
  for (const each of inside) assert.equal(await ask(each, "in"), "in");
  const waiting = await clients(2, () => clientOf(server, runtime));
  const answers = waiting.map((each) => ask(each, "waited"));
  let isAnswered = false;
  void Promise.any(answers).then(() => isAnswered = true);
  // Those inside are served as before.
  for (const each of inside) assert.equal(await ask(each, "still"), "still");
  assert.deepEqual([server.stats.active, isAnswered], [MOST, false]);
  // After one leaves the next comes in.
  for (const [i, answer] of answers.entries()) {
    await inside[i]!.close();
    assert.equal(await answer, "waited");
  }
  assert.equal(most, MOST);
  assert.equal(server.stats.rejected.full, 0);
  await closeAll([...inside, ...waiting]);
  await server.stop();
  addsUp(server.stats);
});

onEach("a full server resets the next if it is told to", async (runtime) => {
  const server = await serve("127.0.0.1:0", echo, {
    runtime,
    maxConnections: MOST,
    whenFull: "reset",
  });
  const inside = await clients(MOST, () => clientOf(server, runtime));
  for (const each of inside) assert.equal(await ask(each, "in"), "in");
  for (let i = 0; i < 3; i++) isReset(await visit(server, runtime), runtime);
  assert.equal(server.stats.rejected.full, 3);
  await inside.pop()!.close();
  await until(() => server.stats.active < MOST);
  const last = await clientOf(server, runtime);
  assert.equal(await ask(last, "in"), "in");
  isReset(await visit(server, runtime), runtime);
  await closeAll([...inside, last]);
  await server.stop();
  assert.equal(server.stats.accepted, MOST + 1);
  addsUp(server.stats);
});

onEach("a host may have so many connections and no more", async (runtime) => {
  const server = await serve("127.0.0.1:0", echo, { runtime, maxPerHost: 2 });
  const inside = await clients(2, () => clientOf(server, runtime));
  for (const each of inside) assert.equal(await ask(each, "in"), "in");
  isReset(await visit(server, runtime), runtime);
  assert.equal(server.stats.rejected.perHost, 1);
  assert.equal(await ask(inside[0]!, "still"), "still");
  await inside.pop()!.close();
  await until(() => server.stats.active === 1);
  const last = await clientOf(server, runtime);
  assert.equal(await ask(last, "in"), "in");
  await closeAll([...inside, last]);
  await server.stop();
  addsUp(server.stats);
});

const HOSTS: readonly (readonly [string, Address, string])[] = [
  ["IPv4", inet("ipv4", "192.0.2.1"), "192.0.2.1"],
  ["IPv4 in IPv6", inet("ipv6", "::ffff:192.0.2.1"), "192.0.2.1"],
  ["IPv6", inet("ipv6", "2001:db8:0:1::1"), "32:1:13:184:0:0:0:1"],
  ["the same /64", inet("ipv6", "2001:db8:0:1:ffff::"), "32:1:13:184:0:0:0:1"],
  ["one zone", inet("ipv6", "fe80::1%2"), "254:128:0:0:0:0:0:0%2"],
  ["the same zone", inet("ipv6", "fe80::9%2"), "254:128:0:0:0:0:0:0%2"],
  ["the next zone", inet("ipv6", "fe80::1%3"), "254:128:0:0:0:0:0:0%3"],
  ["the next /64", inet("ipv6", "2001:db8:0:2::1"), "32:1:13:184:0:0:0:2"],
  ["loopback", inet("ipv6", "::1"), "0:0:0:0:0:0:0:0"],
  ["a path", { family: "unix", path: "/a" }, "unix"],
  ["nobody", inet("ipv4", ""), ""],
];

function inet(family: "ipv4" | "ipv6", hostname: string): Address {
  return { family, hostname, port: 9 };
}

for (const [name, address, host] of HOSTS) {
  test(`connections are counted by host: ${name}`, () => {
    assert.equal(hostOf(address), host);
  });
}

test("a table of hosts forgets those who have left", () => {
  const table = new HostTable(2);
  assert.deepEqual(["a", "a", "b", "a"].map((host) => table.enter(host)), [
    ...[true, true, true, false],
  ]);
  for (const host of ["a", "b", "a", "a", "c"]) table.leave(host);
  assert.equal(table.size, 0);
  const endless = new HostTable(Infinity);
  assert.equal(endless.enter("a"), true);
  assert.equal(endless.size, 0);
});

type Plan = { maxConnections: number; backlog: number };

const PLANS: readonly (readonly [
  string,
  Partial<DescriptorFacts>,
  Partial<AskedLimits>,
  Plan | "RangeError",
])[] = [
  ["many descriptors", { limit: 1_048_576 }, {}, {
    maxConnections: 65_536,
    backlog: SOMAXCONN,
  }],
  [
    "many descriptors, taken ahead",
    { limit: 1_048_576, takesAhead: true },
    {},
    {
      maxConnections: 65_536,
      backlog: SOMAXCONN,
    },
  ],
  ["1,024", { limit: 1024 }, {}, { maxConnections: 864, backlog: SOMAXCONN }],
  ["1,024, taken ahead", { limit: 1024, takesAhead: true }, {}, {
    maxConnections: 744,
    backlog: 120,
  }],
  ["1,024, of which 500 are open", { limit: 1024, open: 500 }, {}, {
    maxConnections: 457,
    backlog: SOMAXCONN,
  }],
  ["64, of which 24 are open", { limit: 64, open: 24, takesAhead: true }, {}, {
    maxConnections: 5,
    backlog: 16,
  }],
  ["as many as there are", { limit: 1024 }, { maxConnections: 960 }, {
    maxConnections: 960,
    backlog: SOMAXCONN,
  }],
  ["one more than there are", { limit: 1024 }, {
    maxConnections: 961,
  }, "RangeError"],
  ["as many as leave a queue", { limit: 1024, takesAhead: true }, {
    maxConnections: 944,
  }, { maxConnections: 944, backlog: 16 }],
  ["one more than that", { limit: 1024, takesAhead: true }, {
    maxConnections: 945,
  }, "RangeError"],
  ["a shorter queue that was asked for", { limit: 1024, takesAhead: true }, {
    maxConnections: 955,
    backlog: 5,
  }, { maxConnections: 955, backlog: 5 }],
  ["a queue that is too long", { limit: 1024, takesAhead: true }, {
    maxConnections: 500,
    backlog: 4096,
  }, { maxConnections: 500, backlog: 460 }],
  [
    "64 connections of each of two",
    {
      ...{ limit: 1024, takesAhead: true, sharers: 2 },
    },
    { maxConnections: 64, backlog: 16 },
    { maxConnections: 64, backlog: 16 },
  ],
  [
    "what one could have, of each of two",
    {
      ...{ limit: 1024, takesAhead: true, sharers: 2 },
    },
    { maxConnections: 900 },
    "RangeError",
  ],
  [
    "960 in all where nobody knows",
    {
      ...{ limit: undefined, takesAhead: true, sharers: 4 },
    },
    {},
    { maxConnections: 240, backlog: SOMAXCONN },
  ],
  ["nothing at all", { limit: 20, takesAhead: true }, {}, "RangeError"],
  ["an unknown limit", { limit: undefined }, {}, {
    maxConnections: 65_536,
    backlog: SOMAXCONN,
  }],
  [
    "an unknown limit, taken ahead",
    { limit: undefined, takesAhead: true },
    {},
    {
      maxConnections: 960,
      backlog: SOMAXCONN,
    },
  ],
  ["the program's word", { limit: undefined, takesAhead: true }, {
    maxConnections: 5000,
    backlog: 7,
  }, { maxConnections: 5000, backlog: 7 }],
  ["no limit", { limit: Infinity, takesAhead: true }, {}, {
    maxConnections: 65_536,
    backlog: SOMAXCONN,
  }],
];

for (const [name, facts, asked, plan] of PLANS) {
  test(`descriptors are shared out: ${name}`, () => {
    const share = () =>
      planDescriptors(
        {
          limit: undefined,
          open: undefined,
          takesAhead: false,
          sharers: 1,
          ...facts,
        },
        { maxConnections: undefined, backlog: undefined, ...asked },
      );
    if (plan === "RangeError") assert.throws(share, RangeError);
    else assert.deepEqual(share(), plan);
  });
}

const NETWORKS: readonly (readonly [string[], string, boolean])[] = [
  [["10.0.0.0/8"], "10.255.1.2", true],
  [["10.0.0.0/8"], "11.0.0.1", false],
  [["10.0.0.0/8"], "::ffff:10.1.2.3", true],
  [["::ffff:10.0.0.0/104"], "10.1.2.3", true],
  [["192.0.2.7"], "192.0.2.7", true],
  [["192.0.2.7"], "192.0.2.6", false],
  [["192.0.2.0/31"], "192.0.2.1", true],
  [["192.0.2.0/31"], "192.0.2.2", false],
  [["0.0.0.0/0"], "255.1.2.3", true],
  [["0.0.0.0/0"], "::1", false],
  [["::/0"], "1.2.3.4", true],
  [["2001:db8::/33"], "2001:db8:7fff::", true],
  [["2001:db8::/33"], "2001:db8:8000::", false],
  [["::1", "127.0.0.1"], "127.0.0.1", true],
  [[], "127.0.0.1", false],
  [["127.0.0.1"], "", false],
];

for (const [blocks, hostname, isIn] of NETWORKS) {
  test(`"${hostname}" is ${isIn ? "" : "not "}in ${blocks.join(" ") || "nothing"}`, () => {
    const family = hostname.includes(":") ? "ipv6" : "ipv4";
    assert.equal(new Networks(blocks).has(inet(family, hostname)), isIn);
  });
}

test("the peers of Unix sockets are in no network but that of their name", () => {
  const peer: Address = { family: "unix", path: "" };
  assert.equal(new Networks(["::/0", "0.0.0.0/0"]).has(peer), false);
  assert.equal(new Networks(["unix"]).has(peer), true);
  const local = inet("ipv6", "fe80::1%lo");
  assert.equal(new Networks(["fe80::/10"]).has(local), true);
  assert.equal(new Networks(["fec0::/10"]).has(local), false);
});
