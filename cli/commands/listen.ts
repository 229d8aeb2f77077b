/**
 * `anysock listen`: a conversation with whoever connects.
 *
 * @module
 */

import { listen } from "../../mod.ts";
import type { Command } from "../command.ts";
import { exchange } from "../exchange.ts";
import { EXIT_OK } from "../exit.ts";
import { line } from "../io.ts";
import { mannerOf, MANNERS, tellEnd, tellOf } from "../talking.ts";
import { SERVER_TLS, serverTls } from "../tls.ts";
import { milliseconds, ownAddress, shown } from "../values.ts";

/** The command. */
export const listenCommand: Command = {
  name: "listen",
  takes: "[HOST:]PORT",
  words: [1, 1],
  summary: "wait for one client and talk to it, as nc -l does",
  about: `
Takes one connection, sends it standard input, writes what it says to standard
output, and ends with it. A port alone is one of this machine (127.0.0.1); 0
lets the kernel choose. The address is told on standard error, once clients may
come. With --keep the next client is served after each, and gets no input, which
the first has had.`,
  options: {
    unix: { short: "U", help: "the argument is a path: listen there" },
    ...SERVER_TLS,
    ...MANNERS,
    keep: { short: "k", help: "take the next client when one has left" },
    timeout: {
      short: "w",
      value: "MS",
      help: "give up if nobody comes, or after silence (never)",
    },
  },
  examples: [
    ["anysock listen 7000", "what one client says"],
    ["anysock listen 0 < answer.txt", "an answer for the first who comes"],
    ["anysock listen 0.0.0.0:7000 > file", "take a file from another machine"],
    ["anysock listen --frame lines --keep 7000", "every line of every client"],
  ],
  async run(given, io) {
    const manner = mannerOf(given);
    const address = ownAddress(given.words[0]!, given.flag("unix"));
    const tls = await serverTls(given);
    const server = await listen(address, tls === undefined ? {} : { tls });
    try {
      await line(io.errors, `listening at ${shown(server.getSockName())}`);
      do {
        const [sock] = await server.accept({
          timeoutMs: milliseconds(given, "timeout") ?? null,
          signal: io.interrupted,
        });
        if (!given.flag("keep")) await server.close();
        const start = performance.now();
        await tellOf(sock, `${shown(sock.getPeerName())} came`, given, io);
        await exchange(sock, manner, io);
        await tellEnd(sock, start, given, io);
      } while (given.flag("keep"));
      return EXIT_OK;
    } finally {
      await server.close();
    }
  },
};
