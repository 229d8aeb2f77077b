/**
 * `anysock proxy`: stands between a client and a server and tells what passes.
 *
 * @module
 */

import {
  type Address,
  connect,
  formatAddress,
  type HostAndPort,
  SHUT_WR,
  type StreamSocket,
  type TlsClientOptions,
} from "../../mod.ts";
import { serve, type Server } from "../../src/server/mod.ts";
import type { Decoder } from "../../src/framing/mod.ts";
import type { Command } from "../command.ts";
import { faultGiven, FAULTY_LINK, runFaultyLink } from "../faulty_link.ts";
import { type ByteCodec, codecOf, FRAME } from "../frames.ts";
import { hexRows, quoted } from "../hex.ts";
import { type Io, OutputClosed } from "../io.ts";
import { type Paint, paintFor } from "../paint.ts";
import { trafficText } from "../progress.ts";
import { untilStopped } from "../serving.ts";
import { demandNone } from "../talking.ts";
import { CLIENT_TLS, clientTls, demandTls } from "../tls.ts";
import { bytesText, connectionsText } from "../units.ts";
import { address, milliseconds, ownAddress, shown } from "../values.ts";

const CONNECT_MS = 10_000;

/** What a bad link does not do. */
const PLAIN_ALONE = ["frame", "hex", "timeout", ...Object.keys(CLIENT_TLS)];

/** The command. */
export const proxy: Command = {
  name: "proxy",
  takes: "FROM TO",
  words: [2, 2],
  summary: "pass everything on, and show what passes",
  about: `
Listens at FROM ([HOST:]PORT, or unix:/path) and connects each client to TO
(HOST:PORT, or unix:/path). Bytes pass as they are, at the pace of the slower
side; the end of one direction leaves the other open, and a reset is passed on
as a reset. What passes is told on standard output: each chunk, or with --frame
each message; > is from the client, < from the server. With --tls the client's
plain text goes on over TLS, so that it can be seen. Ctrl-C stops it.

With any option from --latency on it is a bad link: it does what they say, by
chance where chance decides (the same for the same --seed), and tells its trace.
Lines on standard input change it: cut, heal, reset, fail N (the next N
connections, or datagrams), set latency=200 reset-at=4096, set down latency=200,
clear.`,
  options: {
    frame: FRAME,
    hex: { short: "x", help: "show all of it in hexadecimal" },
    quiet: { short: "q", help: "tell of connections alone" },
    ...CLIENT_TLS,
    timeout: { short: "w", value: "MS", help: "give up connecting (10s)" },
    ...FAULTY_LINK,
  },
  examples: [
    ["anysock proxy 7001 localhost:7000", "what a client and a server say"],
    ["anysock proxy --hex 6000 localhost:5432", "byte by byte"],
    ["anysock proxy --frame lines 6000 localhost:6379", "line by line"],
    ["anysock proxy --tls 8080 example.com:443", "plain here, TLS there"],
    [
      "anysock proxy 15432 db:5432 --latency 50..120 --reset-at 4096 --seed 7",
      "a bad day for clients of a database",
    ],
    ["anysock proxy --udp 5353 localhost:53 --loss 0.1", "a bad link for UDP"],
  ],
  async run(given, io) {
    const from = ownAddress(given.words[0]!, false);
    const to = address(given.words[1]!);
    const fault = faultGiven(given);
    if (fault !== undefined) {
      demandNone(given, fault, PLAIN_ALONE);
      return await runFaultyLink(from, to, given, io);
    }
    demandTls(given);
    const tls = given.flag("tls") ? await clientTls(given) : undefined;
    const plan: Plan = {
      ...{ to, tls, codec: codecOf(given), isHex: given.flag("hex") },
      isQuiet: given.flag("quiet"),
      timeoutMs: milliseconds(given, "timeout") ?? CONNECT_MS,
    };
    return await pass(from, plan, io);
  },
};

/** What a proxy does with each client. */
interface Plan {
  readonly to: Address | HostAndPort;
  readonly tls: TlsClientOptions | undefined;
  readonly codec: ByteCodec | undefined;
  readonly isHex: boolean;
  readonly isQuiet: boolean;
  readonly timeoutMs: number;
}

async function pass(
  from: Address | HostAndPort,
  plan: Plan,
  io: Io,
): Promise<number> {
  const journal = new Journal(plan, io, () => void server.stop({ graceMs: 0 }));
  const server: Server = await serve(
    from,
    (client, { id, signal }) => join(client, `#${id}`, signal, plan, journal),
    { onError: () => {} }, // told in the journal
  );
  const code = await untilStopped(server, io, () => {
    const { accepted, bytesReceived, bytesSent } = server.stats;
    return `${connectionsText(accepted)}, ${bytesText(bytesReceived)} > ` +
      `and < ${bytesText(bytesSent)}`;
  });
  if (journal.failure !== undefined) throw journal.failure;
  return code;
}

/** One client and its way to the server; both end when one of them fails. */
async function join(
  client: StreamSocket,
  name: string,
  signal: AbortSignal,
  plan: Plan,
  journal: Journal,
): Promise<void> {
  const start = performance.now();
  let server: StreamSocket | undefined;
  try {
    server = await connectTo(plan, signal);
    const peers = `${nameOf(client)} > ${formatAddress(server.getPeerName())}`;
    await journal.tell(name, peers);
    await Promise.all([
      copy(client, server, (bytes) => journal.passed(name, ">", bytes)),
      copy(server, client, (bytes) => journal.passed(name, "<", bytes)),
    ]);
    await server.close();
    await journal.tell(name, trafficText(client, performance.now() - start));
  } catch (error) {
    await server?.close({ lingerMs: 0 });
    await journal.fail(name, error);
    throw error; // the client is reset
  } finally {
    journal.forget(name);
  }
}

function connectTo(
  { to, tls, timeoutMs }: Plan,
  signal: AbortSignal,
): Promise<StreamSocket> {
  const options = { timeoutMs, signal };
  return connect(to, tls === undefined ? options : { ...options, tls });
}

function nameOf(client: StreamSocket): string {
  const peer = client.getPeerName();
  // Clients of Unix sockets have no name.
  return "path" in peer && peer.path === "" ? "a client" : shown(peer);
}

async function copy(
  from: StreamSocket,
  to: StreamSocket,
  tell: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  for await (const bytes of from) {
    await tell(bytes);
    await to.sendAll(bytes);
  }
  await to.shutdown(SHUT_WR);
}

/** What is told of connections and of what passes. */
class Journal {
  /** Why there is nobody to tell it to any more, if that is a failure. */
  failure: unknown;
  readonly #plan: Plan;
  readonly #io: Io;
  readonly #paint: Paint;
  readonly #onClosed: () => void;
  /** One for each direction of each connection. */
  readonly #decoders: Map<string, Decoder<Uint8Array> | undefined> = new Map();

  constructor(plan: Plan, io: Io, onClosed: () => void) {
    this.#plan = plan;
    this.#io = io;
    this.#paint = paintFor(io, io.output);
    this.#onClosed = onClosed;
  }

  /** Something about a connection. */
  tell(name: string, text: string): Promise<void> {
    return this.#write(this.#paint.dim(`${name} ${text}`));
  }

  /** A connection failed. */
  fail(name: string, error: unknown): Promise<void> {
    if (error instanceof OutputClosed) return Promise.resolve();
    const text = `${name} ! ${(error as Error).message}`;
    return this.#write(this.#paint.red(text)).catch(() => {});
  }

  /** Bytes pass. */
  async passed(name: string, way: ">" | "<", bytes: Uint8Array): Promise<void> {
    const { codec, isQuiet } = this.#plan;
    if (isQuiet) return;
    if (codec === undefined) return await this.#show(name, way, "", bytes);
    for (const message of this.#messages(name, way, codec, bytes)) {
      if (typeof message === "string") {
        await this.#write(this.#paint.red(`${name} ${way} ${message}`));
      } else await this.#show(name, way, "message of ", message);
    }
  }

  /** A connection is over. */
  forget(name: string): void {
    this.#decoders.delete(`${name}>`);
    this.#decoders.delete(`${name}<`);
  }

  /** What the bytes complete; once they are no messages, nothing more. */
  *#messages(
    name: string,
    way: string,
    codec: ByteCodec,
    bytes: Uint8Array,
  ): Generator<Uint8Array | string> {
    const key = `${name}${way}`;
    if (!this.#decoders.has(key)) this.#decoders.set(key, codec.decoder());
    const decoder = this.#decoders.get(key);
    if (decoder === undefined) return;
    try {
      // The bytes go on to the other side: the decoder has its own.
      yield* decoder.push(bytes.slice());
      yield* decoder.push(new Uint8Array(0)); // a bad frame is told behind
    } catch (error) {
      this.#decoders.set(key, undefined);
      yield `not in such frames: ${(error as Error).message}`;
    }
  }

  #show(
    name: string,
    way: ">" | "<",
    what: string,
    bytes: Uint8Array,
  ): Promise<void> {
    const { cyan, yellow } = this.#paint;
    const arrow = way === ">" ? cyan(way) : yellow(way);
    const head = `${name} ${arrow} ${what}${bytes.length} bytes`;
    if (!this.#plan.isHex) return this.#write(`${head} ${quoted(bytes)}`);
    return this.#write(`${head}\n${hexRows(bytes).trimEnd()}`);
  }

  async #write(text: string): Promise<void> {
    try {
      await this.#io.output.write(`${text}\n`);
    } catch (error) {
      this.failure ??= error;
      this.#onClosed();
      throw error;
    }
  }
}
