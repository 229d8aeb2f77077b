/**
 * A server that somebody else listens for: as its standard input by inetd, or
 * as descriptor 3 by systemd (socket activation). It answers each line with
 * the line in capitals.
 *
 * Try it: `systemd-socket-activate -l 127.0.0.1:7000 --inetd <command>` or,
 * without `--inetd` and with the argument `--listening`; the command is one of
 *
 *     deno run examples/inetd.ts
 *     bun examples/inetd.ts
 *     node examples/inetd.ts          (Node 22.18; on 20: .mjs)
 */

import process from "node:process";
import { AF_INET, fromFd, SOCK_STREAM, type StreamSocket } from "anysock";

/** The first descriptor that systemd hands over. */
const SD_LISTEN_FDS_START = 3;

async function serve(sock: StreamSocket): Promise<void> {
  const file = sock.makeFile("rw", { encoding: "utf-8" });
  for await (const line of file) {
    await file.write(line.toUpperCase());
    await file.flush();
  }
  await file.close();
  await sock.close();
}

// On Deno reading the environment needs a permission: an argument will do.
if (process.argv.includes("--listening")) {
  const server = fromFd(SD_LISTEN_FDS_START, AF_INET, SOCK_STREAM, 0, {
    listening: true,
  });
  for await (const [sock] of server.connections()) await serve(sock);
} else {
  await serve(fromFd(0, AF_INET, SOCK_STREAM));
}
