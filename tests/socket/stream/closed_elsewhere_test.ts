/** What happens when the program ends what it had handed over. */

import assert from "node:assert/strict";
import net from "node:net";
import { SocketError } from "../../../src/errors.ts";
import {
  fromBunSocket,
  fromDenoConn,
  fromNodeSocket,
  fromStreams,
  listen,
  type StreamSocket,
} from "../../../src/socket/mod.ts";
import { test } from "../../harness.ts";

interface Conn {
  close(): void;
}
interface DenoNet {
  connect(options: { hostname: string; port: number }): Promise<Conn>;
}
const { Deno } = globalThis as { Deno?: DenoNet };

/** Ways to a socket, and what ends the thing inside. */
const ways: readonly (readonly [
  name: string,
  make: (port: number) => Promise<readonly [StreamSocket, end: () => void]>,
  skip: string | false,
])[] = [
  ["net.Socket", async (port) => {
    const socket = net.connect(port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    return [fromNodeSocket(socket), () => socket.destroy()];
  }, "Bun" in globalThis && "node:net of Bun tells a destroyed socket's end"],
  ["Deno.Conn", async (port) => {
    const conn = await Deno!.connect({ hostname: "127.0.0.1", port });
    return [fromDenoConn(conn), () => conn.close()];
  }, !Deno && "only Deno has it"],
];

for (const [name, make, skip] of ways) {
  test(
    `a socket over a ${name} fails its calls when that is closed`,
    () =>
      withPort(async (port) => {
        const [socket, end] = await make(port);
        const received = socket.recv().then(() => "bytes", codeOf);
        end();
        assert.equal(await received, "ECONNABORTED");
        assert.equal(await socket.recv().catch(codeOf), "ECONNABORTED");
        assert.equal(await socket.sendAll("x").catch(codeOf), "ECONNABORTED");
        await socket.close();
        await socket.closed;
      }),
    { skip },
  );

  test(
    `a socket over a ${name} closes when that is closed already`,
    () =>
      withPort(async (port) => {
        const [socket, end] = await make(port);
        end();
        await socket.close();
        await socket.closed;
      }),
    { skip },
  );
}

/** Runs with the port of a listener whose connections nobody takes. */
async function withPort(run: (port: number) => Promise<void>): Promise<void> {
  const listener = await listen("127.0.0.1:0");
  try {
    const address = listener.getSockName();
    await run(address.family === "unix" ? 0 : address.port);
  } finally {
    await listener.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof SocketError ? error.code : String(error);
}

const makers = { fromNodeSocket, fromDenoConn, fromBunSocket, fromStreams };

for (const [name, adopt] of Object.entries(makers)) {
  test(`${name} is a TypeError when it is given something else`, () => {
    for (const wrong of [undefined, null, 5, {}, "socket", new Date()]) {
      assert.throws(() => adopt(wrong as never), TypeError);
    }
  });
}

test("fromNodeSocket is a TypeError when the socket gives text", () =>
  withPort(async (port) => {
    const socket = net.connect(port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.setEncoding("utf8");
    assert.throws(() => fromNodeSocket(socket), /^TypeError: .*utf8/);
    socket.destroy();
  }));
