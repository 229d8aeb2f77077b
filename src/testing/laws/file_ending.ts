/**
 * Laws of how sockets and their files end.
 *
 * @module
 */

import {
  later,
  rejectsWith,
  same,
  sameText,
  throwsWith,
  turn,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import { receiveAll, receivePattern } from "./kit.ts";

const UTF8 = { encoding: "utf-8" } as const;

/** Laws of how sockets and their files end. */
export const fileEndingLaws: readonly Law[] = [
  {
    name: "a connection lives until the socket and its files are closed",
    async run(bench) {
      const [client, server] = await bench.pair();
      const reader = bench.keep(client.makeFile("r", UTF8));
      const writer = bench.keep(client.makeFile("w", UTF8));
      await client.close();
      await rejectsWith(client.recv(), "EBADF", "recv");
      await server.sendAll("still here\n");
      same(await reader.readLine(), "still here\n", "read after close");
      await reader.close();
      await writer.write("and I\n");
      await writer.close();
      sameText(await receiveAll(server), "and I\n", "written after close");
      await server.close();
      await client.closed;
    },
  },
  {
    name: "detach is EBUSY while a file is open",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(client.makeFile("r", UTF8));
      throwsWith(() => client.detach(), "EBUSY", "detach");
      await server.sendAll("still read\n");
      same(await file.readLine(), "still read\n", "the line");
    },
  },
  {
    name: "closing a socket leaves the pending calls of its files alone",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(client.makeFile("rw", { bufferSize: 0 }));
      const pattern = new Pattern(35);
      const reading = later(file.readLine());
      const stuck = pattern.slice(0, bench.moreThanFitsBytes);
      const writing = later(file.write(stuck));
      await turn();
      await client.close();
      await server.sendAll("hi\n");
      sameText(await reading, "hi\n", "the pending readLine");
      await receivePattern(server, pattern, 0, stuck.length);
      await writing;
      const limited = later(file.read(1, { timeoutMs: 20_000 }));
      await client.close();
      await server.sendAll("!");
      sameText(await limited, "!", "a read with a deadline");
    },
  },
  {
    name: "closing a socket ends its own calls while its files go on",
    async run(bench) {
      for (const options of [undefined, { timeoutMs: 20_000 }]) {
        const [client, server] = await bench.pair();
        const file = bench.keep(client.makeFile("rw"));
        const receiving = later(rejectsWith(client.recv(), "EBADF", "recv"));
        const data = new Uint8Array(bench.moreThanFitsBytes);
        const sending = later(
          rejectsWith(client.sendAll(data, options), "EBADF", "sendAll"),
        );
        await turn();
        await client.close();
        await receiving;
        // By reference it ends once the runtime has let go of the memory.
        const received = later(receiveAll(server));
        const { bytesSent = -1 } = await sending;
        await file.write("end");
        await file.close();
        same((await received).length, bytesSent + 3, "what came");
      }
    },
  },
  {
    name: "closing a file ends its own pending read and no other",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(server.makeFile());
      const other = bench.keep(server.makeFile());
      const pending = later(rejectsWith(file.read(1), "EBADF", "read"));
      await file.close();
      await pending;
      const reading = later(other.readLine());
      await bench.keep(server.makeFile()).close();
      await client.sendAll("line\n");
      sameText(await reading, "line\n", "the line");
    },
  },
  {
    name: "a file is closed once when it is closed twice at once",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(client.makeFile("w"));
      const other = bench.keep(client.makeFile("w"));
      await file.write("abc");
      await client.close();
      await Promise.all([file.close(), file.close()]);
      await file.close();
      await other.write("def");
      await other.close();
      sameText(await receiveAll(server), "abcdef", "what came");
    },
  },
  {
    name: "closing a file waits for its own write and sends what follows",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(client.makeFile("w"));
      const pattern = new Pattern(36);
      const all = pattern.slice(0, bench.moreThanFitsBytes);
      const writing = later(file.write(all.subarray(0, -9)));
      await file.write(all.subarray(-9));
      const closing = later(file.close());
      same(file.isClosed, true, "isClosed at once");
      await rejectsWith(file.write("x"), "EBADF", "write");
      await client.close();
      await receivePattern(server, pattern, 0, all.length);
      same(await server.recv(), null, "what follows");
      await server.close();
      await Promise.all([writing, closing, client.closed]);
    },
  },
];
