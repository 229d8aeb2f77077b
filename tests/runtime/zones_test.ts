/** Link-local addresses: zones by name and by index, right and wrong ones. */

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import process from "node:process";
import type { AddressLike } from "../../src/contracts.ts";
import { connect, listen } from "../../src/socket/mod.ts";
import { isLinkLocal } from "../../src/runtime/seam/zones.ts";
import { test } from "../harness.ts";

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
