/** Link-local addresses: zones by name and by index, right and wrong ones. */

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import process from "node:process";
import type { AddressLike, InetAddress } from "../../src/contracts.ts";
import { connect, listen, type Listener } from "../../src/socket/mod.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import { isLinkLocal } from "../../src/runtime/seam/zones.ts";
import { test } from "../harness.ts";
import { kindOf, thisRuntime } from "../runtimes.ts";

const EVERY_TIME = { timeoutMs: 5_000 };

/** The link-local addresses of this machine, and their interfaces. */
function linkLocal(): readonly (readonly [string, string, number])[] {
  return Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
    all.filter(({ address }) => isLinkLocal(address))
      .map((each) =>
        [each.address, name, "scopeid" in each ? each.scopeid ?? 0 : 0] as const
      )
  );
}

const [own] = linkLocal();
const skip = own === undefined && "this machine has no link-local address";
const [host = "", name = "", index = 0] = own ?? [];

for (const zone of [name, String(index)]) {
  for (const path of ["plain", "revocable"]) {
    test(
      `a ${path} connect reaches a listener at zone ${zone || "?"}`,
      async () => {
        const server = await listen([`${host}%${zone}`, 0]);
        const { port } = server.getSockName() as { port: number };
        const options = path === "plain" ? {} : EVERY_TIME;
        const client = await connect([`${host}%${zone}`, port], options);
        const [peer] = await server.accept();
        await client.sendAll("here");
        const heard = new TextDecoder().decode(await peer.recvExactly(4));
        assert.equal(heard, "here");
        await Promise.all([client, peer, server].map((each) => each.close()));
      },
      { skip },
    );
  }
}

const DRIVERS: readonly (readonly [name: string, runtime: Runtime])[] =
  currentRuntime().name === "node"
    ? [["node:net", currentRuntime()]]
    : [["native", currentRuntime()], ["node:net", nodeRuntime()]];

for (const [driver, runtime] of DRIVERS) {
  const isWithout = runtime.name === "node" &&
    kindOf(thisRuntime()) === "deno" &&
    "node:net of Deno leaves zones out, and they are refused there";

  /** Two ends of one connection, and the sender's address at `accept`. */
  const pair = async (server: Listener, to: AddressLike) => {
    const [client, [peer, from]] = await Promise.all([
      connect(to, { runtime }),
      server.accept(),
    ]);
    return { client, peer, from: from as InetAddress };
  };

  for (const zone of [name, String(index)]) {
    test(
      `${driver}: addresses told in zone ${zone || "?"} can be used again`,
      async () => {
        const server = await listen([`${host}%${zone}`, 0], { runtime });
        const { client, peer, from } = await pair(server, server.getSockName());
        for (
          const told of [
            server.getSockName(),
            client.getSockName(),
            client.getPeerName(),
            peer.getSockName(),
            peer.getPeerName(),
            from,
          ]
        ) {
          const { scopeId } = told as InetAddress;
          assert.ok(scopeId === name || scopeId === String(index), scopeId);
        }
        const back = await listen({ ...from, port: 0 }, { runtime });
        const again = await pair(back, back.getSockName());
        const open = [client, peer, again.client, again.peer, server, back];
        await Promise.all(open.map((each) => each.close()));
      },
      { skip: skip || isWithout },
    );
  }

  test(
    `${driver}: a listener on any address tells the zones of peers`,
    async () => {
      const server = await listen("[::]:0", { runtime });
      const { port } = server.getSockName() as InetAddress;
      const to = [`${host}%${name}`, port] as const;
      const { client, peer, from } = await pair(server, to);
      assert.equal(from.scopeId, name);
      assert.equal((peer.getSockName() as InetAddress).scopeId, name);
      await Promise.all([client, peer, server].map((each) => each.close()));
    },
    { skip: skip || isWithout },
  );

  test(
    `${driver}: an address that is not link-local has no zone`,
    async () => {
      const server = await listen("[::1]:0", { runtime });
      const { client, peer, from } = await pair(server, server.getSockName());
      assert.equal(from.scopeId, undefined);
      assert.equal((client.getPeerName() as InetAddress).scopeId, undefined);
      await Promise.all([client, peer, server].map((each) => each.close()));
    },
  );
}

const NO_INDEX = "999999";

const failures: readonly (readonly [
  what: string,
  attempt: (address: AddressLike) => Promise<unknown>,
  host: string,
  expected: { readonly code: string; readonly op: string },
])[] = [
  ["connect", connect, `fe80::1%${NO_INDEX}`, {
    code: "ENETUNREACH",
    op: "connect",
  }],
  ["a timed connect", (to) => connect(to, EVERY_TIME), `fe80::1%${NO_INDEX}`, {
    code: "ENETUNREACH",
    op: "connect",
  }],
  ["listen", listen, `fe80::1%${NO_INDEX}`, { code: "ENODEV", op: "bind" }],
  ["connect", connect, "fe80::1", { code: "EINVAL", op: "connect" }],
  ["a timed connect", (to) => connect(to, EVERY_TIME), "fe80::1%no-such", {
    code: "EAI_NONAME",
    op: "connect",
  }],
];

for (const [what, attempt, address, expected] of failures) {
  test(
    `${what} is ${expected.code} for ${address}`,
    () => assert.rejects(attempt([address, 1]), expected),
    { skip: process.platform !== "linux" && "other kernels say other codes" },
  );
}
