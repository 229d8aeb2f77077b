import assert from "node:assert/strict";
import {
  connect,
  Fault,
  hasDualstackIPv6,
  hasIPv6,
  listen,
  SocketError,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/runtime/memory.ts";
import { test } from "../harness.ts";
import { findRuntime } from "../runtimes.ts";
import { printedOnDeno } from "../support/deno_program.ts";

test("hasDualstackIPv6 says whether [::] has the clients of IPv4", async () => {
  assert.equal(hasIPv6, true);
  const server = await listen("[::]:0");
  const { port } = server.getSockName() as { port: number };
  const hears = await connect(["127.0.0.1", port]).then(
    (client) => client.close({ lingerMs: 0 }).then(() => true),
    () => false,
  );
  await server.close();
  assert.equal(await hasDualstackIPv6(), hears);
});

test("hasDualstackIPv6 is false where there is no IPv6, and tells no lies", async () => {
  assert.equal(
    await hasDualstackIPv6({ runtime: failing("EAFNOSUPPORT") }),
    false,
  );
  for (const code of ["EPERM", "EMFILE"]) {
    const runtime = failing(code);
    await assert.rejects(hasDualstackIPv6({ runtime }), (error) => {
      return error instanceof SocketError && error.code === code;
    });
  }
});

/** A network whose every listen fails so. */
function failing(code: string): ReturnType<typeof memoryNetwork> {
  const network = memoryNetwork();
  network.listen = () => Promise.reject(new Fault(code));
  return network;
}

/** What the program prints on Deno under these permissions. */
const onDeno = (permissions: readonly string[]): Promise<string> =>
  printedOnDeno("tests/fixtures/socket/dualstack.ts", permissions);

const deno = findRuntime("deno");

test(
  "Deno must permit hasDualstackIPv6 one address of the loopback",
  async () => {
    assert.match(await onDeno([]), /^EPERM .*--allow-net/);
    const flags = ["--allow-net=[::ffff:127.0.0.1]"];
    assert.equal(await onDeno(flags), String(await hasDualstackIPv6()));
  },
  { skip: typeof deno === "string" && deno },
);
