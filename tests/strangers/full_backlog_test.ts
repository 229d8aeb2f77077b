/**
 * A full backlog of this kernel, and of a simulation: the same comes of it. The
 * runtimes accept whatever comes, so that the listener is no runtime's.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, listen } from "../../mod.ts";
import { simulate } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { missing } from "./programs.ts";

/** Linux keeps one more than it is asked to. */
const LISTENER = `
import socket, sys
s = socket.create_server(("127.0.0.1", 0), backlog=1)
print(s.getsockname()[1], flush=True)
sys.stdin.read()
`;

const WAIT_MS = 200;

/** What three clients come to, and the first once nobody listens any more. */
async function crowd(
  address: string,
  stop: () => Promise<unknown>,
): Promise<string[]> {
  const told = (work: Promise<unknown>, text: string) =>
    work.then(() => text, (error) => error.code);
  const first = await connect(address, { abortive: true });
  const second = await connect(address, { abortive: true });
  const third = await told(connect(address, { timeoutMs: WAIT_MS }), "in");
  await stop();
  const after = await told(first.recv(), "an end");
  const late = await told(connect(address, { timeoutMs: 5_000 }), "in");
  await Promise.all([first.close(), second.close()]);
  return [third, after, late];
}

test("a full backlog is the same on a kernel and in a simulation", async () => {
  const { value } = await simulate(async (sim) => {
    const listening = sim.host("server").run(() => listen("0.0.0.0:7"));
    const listener = await listening;
    return await sim.host("client").run(() =>
      crowd("server:7", () => listener.close())
    );
  }, { network: { backlog: 2 } });
  assert.deepEqual(value, ["ETIMEDOUT", "ECONNRESET", "ECONNREFUSED"]);

  const child = spawn("python3", ["-I", "-S", "-c", LISTENER], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const [line] = await once(child.stdout, "data");
  const stop = () => {
    child.stdin.end();
    return ended;
  };
  try {
    const address = `127.0.0.1:${Number(String(line))}`;
    assert.deepEqual(await crowd(address, stop), value);
  } finally {
    child.kill();
    await ended;
  }
}, { skip: missing("python3") });
