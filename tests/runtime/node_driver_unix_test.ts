/** Unix sockets of the `node:net` driver: paths and abstract names. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { Address } from "../../src/contracts.ts";
import { test } from "../harness.ts";
import { withRawPeer } from "../support/raw_peer.ts";
import { ListenerRecorder, StreamRecorder } from "../support/recorder.ts";
import { withTempDir } from "../temp.ts";
import {
  bytesOf,
  closed,
  faultOf,
  here,
  runtime,
  sendAll,
} from "./node_driver_support.ts";

test("a path in a folder that is not there is ENOENT", () =>
  withTempDir(async (dir) => {
    const address: Address = { family: "unix", path: `${dir}/absent/s` };
    await assert.rejects(runtime.connect({ address }), faultOf("ENOENT"));
    const attempt = runtime.listen({ address, backlog: 1 });
    await assert.rejects(attempt, faultOf("ENOENT"));
  }));

test("a Unix path carries bytes, blocks a second listener and is removed", () =>
  withTempDir((dir) =>
    withRawPeer(async (peer) => {
      const address: Address = { family: "unix", path: `${dir}/s` };
      const listener = await runtime.listen({ address, backlog: 8 });
      assert.deepEqual(listener.localAddress, address);
      const listening = new ListenerRecorder(listener);
      await assert.rejects(
        runtime.listen({ address, backlog: 8 }),
        faultOf("EADDRINUSE"),
      );
      const socket = await peer.connect(address);
      const { stream, recorder } = await listening.next();
      assert.deepEqual(stream.remoteAddress, { family: "unix", path: "" });
      assert.deepEqual(stream.localAddress(), address);
      assert.throws(() => stream.reset(), faultOf("EOPNOTSUPP"));
      assert.throws(
        () => stream.setOption("noDelay", 1),
        faultOf("ENOPROTOOPT"),
      );
      const echo = socket.echo();
      stream.resume();
      await sendAll(stream, bytesOf("by path"));
      await recorder.untilBytes(7);
      await stream.shutdown();
      await recorder.until("end");
      assert.equal(await echo, 7);
      await recorder.until("closed");
      listener.close();
      await listening.until("closed");
      assert.equal(existsSync(address.path), false);
    })
  ));

test("a stale Unix path is ECONNREFUSED and EADDRINUSE", () =>
  withTempDir((dir) =>
    withRawPeer(async (peer) => {
      const address: Address = { family: "unix", path: `${dir}/stale` };
      await (await peer.listen(address)).close();
      const connecting = runtime.connect({ address });
      await assert.rejects(connecting, faultOf("ECONNREFUSED"));
      const listening = runtime.listen({ address, backlog: 1 });
      await assert.rejects(listening, faultOf("EADDRINUSE"));
    })
  ));

test(
  "an abstract name reaches the peer unpadded, or is refused",
  () =>
    withRawPeer(async (peer) => {
      const path = `\0anysock-${process.pid}`;
      const address: Address = { family: "unix", path };
      const listener = await peer.listen({ path });
      if (here === "node20") {
        const attempt = runtime.connect({ address });
        await assert.rejects(attempt, faultOf("EOPNOTSUPP"));
        return;
      }
      const [stream] = await Promise.all([
        runtime.connect({ address }),
        listener.accept(),
      ]);
      assert.deepEqual(stream.remoteAddress, address);
      await closed({ stream, recorder: StreamRecorder.on(stream) });
    }),
  { skip: process.platform !== "linux" && "abstract names are Linux's" },
);
