/**
 * `anysock echo`: a server that says everything again.
 *
 * @module
 */

import { formatAddress, type StreamSocket } from "../../mod.ts";
import {
  type ConnectionContext,
  serve,
  serveDatagrams,
} from "../../src/server/mod.ts";
import type { Command } from "../command.ts";
import { type Io, line } from "../io.ts";
import { paintFor } from "../paint.ts";
import { trafficText } from "../progress.ts";
import { untilStopped } from "../serving.ts";
import { demandNone } from "../talking.ts";
import { SERVER_TLS, serverTls } from "../tls.ts";
import { bytesText, connectionsText } from "../units.ts";
import { ownAddress } from "../values.ts";

/** The command. */
export const echo: Command = {
  name: "echo",
  takes: "[HOST:]PORT",
  words: [1, 1],
  summary: "serve everybody by sending back what they send",
  about: `
The server that \`anysock bench\` measures against, and the peer to try a client
on. A port alone is one of this machine (127.0.0.1); 0 lets the kernel choose;
the address is told on standard error. Ctrl-C stops it: who is being served has
two seconds to come to an end.`,
  options: {
    unix: { short: "U", help: "the argument is a path: listen there" },
    udp: { short: "u", help: "datagrams" },
    ...SERVER_TLS,
    verbose: { short: "v", help: "tell of each connection on standard error" },
  },
  examples: [
    ["anysock echo 7000", "an echo server for programs of this machine"],
    ["anysock echo --udp 0.0.0.0:7000", "datagrams, for everybody"],
    ["anysock echo --cert cert.pem --key key.pem 7443", "over TLS"],
  ],
  async run(given, io) {
    const address = ownAddress(given.words[0]!, given.flag("unix"));
    const tls = await serverTls(given);
    if (given.flag("udp")) {
      demandNone(given, "udp", ["unix", "cert"]);
      return await echoDatagrams(address, io);
    }
    const handler = given.flag("verbose") ? told(io) : sayAgain;
    const options = { keepAlive: false, ...tls === undefined ? {} : { tls } };
    const server = await serve(address, handler, options);
    return await untilStopped(server, io, () => {
      const { accepted, bytesReceived } = server.stats;
      return `${connectionsText(accepted)}, ${bytesText(bytesReceived)} echoed`;
    });
  },
};

async function sayAgain(
  sock: StreamSocket,
  { signal }: ConnectionContext,
): Promise<void> {
  const memory = new Uint8Array(65_536);
  for (;;) {
    const count = await sock.recvInto(memory, { signal });
    if (count === null) return;
    await sock.sendAll(memory.subarray(0, count));
  }
}

function told(io: Io): typeof sayAgain {
  const { dim } = paintFor(io, io.errors);
  return async (sock, context) => {
    const start = performance.now();
    const peer = formatAddress(sock.getPeerName());
    try {
      await sayAgain(sock, context);
    } finally {
      const text = trafficText(sock, performance.now() - start);
      await line(io.errors, dim(`${peer}: ${text}`));
    }
  };
}

async function echoDatagrams(
  address: Parameters<typeof serveDatagrams>[0],
  io: Io,
): Promise<number> {
  const server = await serveDatagrams(address, async (data, from, sock) => {
    await sock.sendTo(data, from);
  });
  return await untilStopped(server, io, () => {
    const { received, dropped } = server.stats;
    return `${received} datagrams, ${dropped} of them dropped`;
  });
}
