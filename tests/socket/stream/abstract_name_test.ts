/** Abstract names of Unix streams, as other programs of the machine see them. */

import assert from "node:assert/strict";
import process from "node:process";
import {
  AF_UNIX,
  connect,
  listen,
  socket,
  type StreamSocket,
  type UnixAddress,
} from "../../../mod.ts";
import { currentRuntime } from "../../../src/runtime/detect.ts";
import { nodeRuntime } from "../../../src/runtime/node.ts";
import type { Runtime } from "../../../src/runtime/seam/runtime.ts";
import { memoryNetwork } from "../../../src/testing/mod.ts";
import { test } from "../../harness.ts";
import { withRawPeer } from "../../support/raw_peer.ts";

const onLinux = process.platform !== "linux" && "only Linux has such names";
const tail = `${process.pid}-${Math.random()}`;

/** Names, and which runtime says that it cannot take them. */
const NAMES: readonly (readonly [
  what: string,
  name: string,
  refusing?: string,
  reason?: RegExp,
])[] = [
  ["with NULs inside", `\0a\0b\0${tail}`],
  ["that begins with two NULs", `\0\0${tail}`, "deno", /cuts the last byte/],
  ["that ends in a NUL", `\0${tail}\0`],
  ["of 107 bytes", `\0${tail.padEnd(106, "x")}`],
  ["of 108 bytes", `\0${tail.padEnd(107, "x")}`, "bun", /at most 107 bytes/],
];

const native = currentRuntime();
const DRIVERS: readonly (readonly [name: string, runtime: Runtime])[] =
  native.name === "node"
    ? [["node:net", native]]
    : [["native", native], ["node:net", nodeRuntime()]];

async function boundTo(path: string, runtime: Runtime): Promise<StreamSocket> {
  const made = socket(AF_UNIX, undefined, 0, { runtime });
  await made.bind(path);
  await made.listen();
  return made;
}

for (const [driver, runtime] of DRIVERS) {
  const { abstractNames } = runtime.supports;
  const skip = onLinux || (typeof abstractNames === "string" && abstractNames);

  for (const [what, path, refusing, reason] of NAMES) {
    if (refusing === native.name) {
      test(`${driver}: a name ${what} is EOPNOTSUPP`, async () => {
        const expected = { code: "EOPNOTSUPP", message: reason! };
        await assert.rejects(listen({ path }, { runtime }), expected);
        await assert.rejects(connect({ path }, { runtime }), expected);
      }, { skip });
      continue;
    }
    test(
      `${driver}: a name ${what} is the same to others`,
      () =>
        withRawPeer(async (peer) => {
          const server = await listen({ path }, { runtime });
          assert.deepEqual(server.getSockName(), { family: "unix", path });
          const outside = await peer.connect({ path });
          const [accepted] = await server.accept();
          assert.equal(outside.remoteAddress.path, path);
          await Promise.all([
            accepted.close(),
            outside.close(),
            server.close(),
          ]);

          const foreign = await peer.listen({ path });
          const [client, served] = await Promise.all([
            connect({ path }, { runtime }),
            foreign.accept(),
          ]);
          assert.deepEqual(client.getPeerName(), { family: "unix", path });
          await Promise.all([client.close(), served.close(), foreign.close()]);
        }),
      { skip },
    );
  }

  test(
    `${driver}: names are EOPNOTSUPP where they come out wrong`,
    async () => {
      const expected = { code: "EOPNOTSUPP", message: /pads abstract names/ };
      await assert.rejects(boundTo(`\0${tail}`, runtime), expected);
      await assert.rejects(boundTo("", runtime), expected);
    },
    { skip: onLinux || abstractNames === true && "they come out right" },
  );
}

for (
  const [driver, runtime] of [["memory", memoryNetwork()], ...DRIVERS] as const
) {
  const { abstractNames } = runtime.supports;
  const isOwn = driver !== "memory" && onLinux;
  const skip = isOwn || (typeof abstractNames === "string" && abstractNames);

  test(
    `${driver}: bind("") picks a name that can be connected to`,
    async () => {
      const server = await boundTo("", runtime);
      const other = socket(AF_UNIX, undefined, 0, { runtime });
      await other.bind({ path: "" });
      await other.listen();
      const name = server.getSockName() as UnixAddress;
      assert.match(name.path, /^\0[0-9a-f]{5}$/);
      assert.notDeepEqual(other.getSockName(), name);
      const [client, [peer]] = await Promise.all([
        connect(name, { runtime }),
        server.accept(),
      ]);
      await client.sendAll("hello");
      assert.equal((await peer.recvExactly(5)).length, 5);
      const open = [client, peer, server, other];
      await Promise.all(open.map((each) => each.close()));
    },
    { skip },
  );

  test(`${driver}: listen without a bind is EINVAL of a Unix socket`, async () => {
    const made = socket(AF_UNIX, undefined, 0, { runtime });
    await assert.rejects(made.listen(), { code: "EINVAL", op: "listen" });
    await made.close();
  });

  test(`${driver}: only bind takes an empty path`, async () => {
    const made = socket(AF_UNIX, undefined, 0, { runtime });
    await assert.rejects(made.connect(""), TypeError);
    await assert.rejects(listen({ path: "" }, { runtime }), TypeError);
    await made.close();
  });
}
