/**
 * `anysock connect`: a conversation with a server.
 *
 * @module
 */

import {
  type Address,
  connect,
  type HostAndPort,
  type StreamSocket,
} from "../../mod.ts";
import type { Command, Given } from "../command.ts";
import { datagrams } from "../datagrams.ts";
import { exchange } from "../exchange.ts";
import { EXIT_OK } from "../exit.ts";
import { FRAMES_HELP } from "../frames.ts";
import type { Io } from "../io.ts";
import { STARTTLS } from "../starttls.ts";
import { demandNone, mannerOf, MANNERS, tellEnd, tellOf } from "../talking.ts";
import { CLIENT_TLS, clientTls, demandTls } from "../tls.ts";
import { milliseconds, peerAddress, shown } from "../values.ts";

/** So long a name and a handshake may take, unless `--timeout` says it. */
const CONNECT_MS = 30_000;

/** The command. */
export const connectCommand: Command = {
  name: "connect",
  takes: "HOST:PORT",
  words: [1, 2],
  summary: "talk to a server by hand or in a pipe, as nc does",
  about: `
Standard input goes to the server, what the server says to standard output.
When the input ends, our side of the connection ends (FIN), and the server may
still answer: a request can be piped in and its whole answer read. When the
server ends, so does the program, unless the input is a file or a pipe that has
more to send. A reset is a failure, never an end.

With --frame each line of the input is sent as one message, and each message
that comes is written as a line. With --udp each line is a datagram; once the
input has ended, answers are awaited until none came for a second, or for
--timeout.

${FRAMES_HELP}`,
  options: {
    ...CLIENT_TLS,
    starttls: {
      value: "PROTOCOL",
      choices: Object.keys(STARTTLS),
      help: "go over to TLS in mid-stream: postgres or smtp",
    },
    unix: { short: "U", help: "the argument is the path of a Unix socket" },
    udp: { short: "u", help: "datagrams, a line each" },
    ...MANNERS,
    timeout: {
      short: "w",
      value: "MS",
      help: "give up connecting (30s), or after silence (never)",
    },
  },
  examples: [
    [
      "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | anysock connect example.com:80",
      "a request and its whole answer",
    ],
    ["anysock connect --tls -v example.com:443", "speak TLS by hand"],
    [
      "anysock connect --starttls smtp mail.example.com:25",
      "a mail server, from STARTTLS on",
    ],
    [
      "anysock connect --unix /run/docker.sock",
      "a Unix socket; unix:/run/docker.sock is the same",
    ],
    ["echo hello | anysock connect --frame u32 localhost:7000", "one message"],
  ],
  async run(given, io) {
    const address = peerAddress(given);
    if (given.flag("udp")) {
      demandNone(given, "udp", ["tls", "starttls", "unix", "frame"]);
      return await datagrams(address, {
        isHex: given.flag("hex"),
        silenceMs: milliseconds(given, "timeout"),
      }, io);
    }
    demandTls(given);
    const manner = mannerOf(given);
    const start = performance.now();
    const sock = await open(address, given, io);
    await tellOf(sock, `connected to ${shown(sock.getPeerName())}`, given, io);
    await exchange(sock, manner, io);
    await tellEnd(sock, start, given, io);
    return EXIT_OK;
  },
};

/** A connection, over TLS if that was asked for. */
async function open(
  address: Address | HostAndPort,
  given: Given,
  { interrupted: signal }: Io,
): Promise<StreamSocket> {
  const protocol = given.text("starttls");
  const timeoutMs = milliseconds(given, "timeout") ?? CONNECT_MS;
  const tls = await clientTls(given);
  if (protocol === undefined) {
    const options = { timeoutMs, signal };
    if (!given.flag("tls")) return await connect(address, options);
    return await connect(address, { ...options, tls });
  }
  const sock = await connect(address, { timeoutMs, signal });
  try {
    await STARTTLS[protocol]!(sock, { timeoutMs });
    await sock.startTls(tls, { timeoutMs, signal });
    return sock;
  } catch (error) {
    await sock.close({ lingerMs: 0 });
    throw error;
  }
}
