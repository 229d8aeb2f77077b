/** Sockets of this library. */

import { connect, listen } from "../../../mod.ts";
import { liftPipe, type MakePipe } from "../../../src/testing/mod.ts";

/** `abortive` is said beforehand: on Deno it chooses another driver. */
export const make: MakePipe = async ({ resets = false }) => {
  const listener = await listen("127.0.0.1:0", { abortive: resets });
  const [client, [server]] = await Promise.all([
    connect(listener.getSockName()),
    listener.accept(),
  ]);
  return {
    client: liftPipe(client),
    server: liftPipe(server),
    async stop() {
      await listener.close();
      await Promise.all([client.closed, server.closed]);
    },
  };
};
