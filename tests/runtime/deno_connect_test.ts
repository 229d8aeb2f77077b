/**
 * Connecting with the Deno driver to a peer that resets at once: now and then
 * Deno then fails to ask for the peer's name. A `Deno` of the test's own says
 * so every time.
 */

import assert from "node:assert/strict";
import type { Address } from "../../src/contracts.ts";
import { denoRuntime } from "../../src/runtime/deno.ts";
import { test } from "../harness.ts";

const SKIP = "Deno" in globalThis ? false : "Deno's own sockets are on Deno";

/** Not port 0, which the driver does not ask Deno for. */
const PLACE: Address = { family: "ipv4", hostname: "127.0.0.1", port: 9 };

/** An error as Deno makes them. */
function denoError(name: string, code: string): Error {
  return Object.assign(new Error("os error"), { name, code });
}

/** Calls `fn` while `Deno.connect` does what `connect` says. */
async function withConnect(
  connect: () => Promise<unknown>,
  fn: () => Promise<void>,
): Promise<void> {
  const { Deno } = globalThis as unknown as { Deno: { connect: unknown } };
  const own = Deno.connect;
  Deno.connect = connect;
  try {
    await fn();
  } finally {
    Deno.connect = own;
  }
}

const CODES: readonly (readonly [name: string, code: string, ours: string])[] =
  [
    ["NotConnected", "ENOTCONN", "ECONNRESET"],
    ["ConnectionReset", "ECONNRESET", "ECONNRESET"],
    ["ConnectionRefused", "ECONNREFUSED", "ECONNREFUSED"],
  ];

for (const [name, code, ours] of CODES) {
  test(
    `a connect of which Deno says ${code} is ${ours}`,
    () =>
      withConnect(() => Promise.reject(denoError(name, code)), async () => {
        const connecting = denoRuntime().connect({ address: PLACE });
        await assert.rejects(connecting, { code: ours });
      }),
    { skip: SKIP },
  );
}

test(
  "a fresh connection that takes no options is ECONNRESET and closed",
  async () => {
    let closes = 0;
    const conn = {
      localAddr: { transport: "tcp", ...PLACE },
      remoteAddr: { transport: "tcp", ...PLACE },
      close: () => void closes++,
      setNoDelay() {
        throw denoError("NotConnected", "ENOTCONN");
      },
    };
    await withConnect(() => Promise.resolve(conn), async () => {
      const connecting = denoRuntime().connect({ address: PLACE });
      await assert.rejects(connecting, { code: "ECONNRESET" });
    });
    assert.equal(closes, 1);
  },
  { skip: SKIP },
);
