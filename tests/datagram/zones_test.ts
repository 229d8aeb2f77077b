/** Link-local addresses of datagram sockets: those told can be used again. */

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import process from "node:process";
import {
  AF_INET6,
  type DatagramSocket,
  type InetAddress,
  SOCK_DGRAM,
  socket,
} from "../../mod.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import { isLinkLocal } from "../../src/runtime/seam/zones.ts";
import { test } from "../harness.ts";

const SOON = { timeoutMs: 5_000 };

const found = Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
  all.filter(({ address }) => isLinkLocal(address)).map((each) => ({
    host: each.address,
    name,
    index: "scopeid" in each ? each.scopeid : undefined,
  }))
);
const [own] = found;
const skip = own === undefined && "this machine has no link-local address";
const { host = "", name = "", index = 0 } = own ?? {};
const onLinux = process.platform !== "linux" && "other kernels say other codes";

const runtimes: readonly Runtime[] = currentRuntime().name === "node"
  ? [nodeRuntime()]
  : [currentRuntime(), nodeRuntime()];

for (const runtime of runtimes) {
  const make = (): DatagramSocket =>
    socket(AF_INET6, SOCK_DGRAM, 0, { runtime });
  const via = runtime === currentRuntime() ? "its own sockets" : "node:dgram";

  for (const zone of [name, String(index)]) {
    test(
      `an address bound in zone ${zone || "?"} can be sent to, over ${via}`,
      async () => {
        const [server, client] = [make(), make()];
        await server.bind([`${host}%${zone}`, 0]);
        const address = server.getSockName() as InetAddress;
        assert.ok([name, String(index)].includes(`${address.scopeId}`));
        await client.sendTo("ping", address);
        const [, from] = await server.recvFrom(SOON);
        assert.ok(
          [name, String(index)].includes(`${(from as InetAddress).scopeId}`),
        );
        await server.sendTo("pong", from);
        const [data, back] = await client.recvFrom(SOON);
        assert.equal(new TextDecoder().decode(data), "pong");
        await client.connect(back);
        assert.deepEqual(client.getPeerName(), back);
        await client.send("again");
        assert.equal((await server.recv(SOON)).length, 5);
        await Promise.all([server.close(), client.close()]);
      },
      { skip },
    );
  }

  test(
    `a socket on any address tells zones of senders, over ${via}`,
    async () => {
      const [server, client] = [make(), make()];
      await server.bind(["", 0]);
      const { port } = server.getSockName() as InetAddress;
      await client.sendTo("ping", [`${host}%${name}`, port]);
      const [, from] = await server.recvFrom(SOON);
      assert.equal((from as InetAddress).scopeId, name);
      await server.sendTo("pong", from);
      await client.recvFrom(SOON);
      await Promise.all([server.close(), client.close()]);
      // Deno tells none: with two such interfaces nobody can know.
    },
    { skip: skip || (found.length > 1 && "several interfaces") },
  );

  const wrong: readonly (readonly [
    op: "bind" | "sendTo" | "connect",
    address: string,
    code: string,
  ])[] = [
    ["bind", "fe80::1%no-such", "EAI_NONAME"],
    ["sendTo", "fe80::1%no-such", "EAI_NONAME"],
    ["connect", "fe80::1%no-such", "EAI_NONAME"],
    ["bind", "::1%lo", "EAI_NONAME"],
    ["sendTo", "::1%lo", "EAI_NONAME"],
    ["connect", "::1%lo", "EAI_NONAME"],
    ["bind", "fe80::1%999999", "ENODEV"],
    ["sendTo", "fe80::1%999999", "ENETUNREACH"],
    ["bind", "fe80::1", "EINVAL"],
    ["bind", "fe80::1%0", "EINVAL"],
  ];
  for (const [op, address, code] of wrong) {
    test(`${op} is ${code} for ${address}, over ${via}`, async () => {
      const sock = make();
      const call = op === "sendTo"
        ? sock.sendTo("x", [address, 9])
        : sock[op]([address, 9]);
      await assert.rejects(call, { code, op });
      await sock.close();
    }, { skip: onLinux });
  }
}
