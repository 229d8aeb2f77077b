/**
 * `anysock bench`: how long a round trip takes.
 *
 * @module
 */

import {
  type Address,
  connect,
  type HostAndPort,
  type StreamSocket,
} from "../../mod.ts";
import { framed } from "../../src/framing/mod.ts";
import type { Command } from "../command.ts";
import { EXIT_INTERRUPTED, EXIT_OK } from "../exit.ts";
import { type ByteCodec, codecOf, FRAME } from "../frames.ts";
import { Histogram, plot } from "../histogram.ts";
import { type Io, line } from "../io.ts";
import { paintFor } from "../paint.ts";
import { CLIENT_TLS, clientTls, demandTls } from "../tls.ts";
import { bytesText, connectionsText, timeText } from "../units.ts";
import { count, milliseconds, peerAddress, shown } from "../values.ts";

const TIMEOUT_MS = 10_000;
const PERCENTILES = [50, 90, 99, 99.9] as const;

/** The command. */
export const bench: Command = {
  name: "bench",
  takes: "HOST:PORT",
  words: [1, 2],
  summary: "measure round trips: rate, percentiles and a picture",
  about: `
Sends a message, waits for its answer, and does it again, on each of the
connections by itself, for --time or --count round trips. Without --frame the
server must say everything again (\`anysock echo\`): so many bytes go and come.
With --frame one message goes and one comes, whatever it says; --send gives the
message. Times are those that a program on this runtime sees, its event loop
included; percentiles are within two per cent.`,
  options: {
    size: { short: "s", value: "BYTES", help: "bytes of the message (64)" },
    send: { value: "TEXT", help: "the message, with --frame" },
    connections: { short: "c", value: "N", help: "so many at a time (1)" },
    time: { short: "t", value: "MS", help: "so long (3s)" },
    count: { short: "n", value: "N", help: "so many round trips, instead" },
    frame: FRAME,
    unix: { short: "U", help: "the argument is the path of a Unix socket" },
    ...CLIENT_TLS,
    timeout: { short: "w", value: "MS", help: "an answer is lost after (10s)" },
    json: { help: "figures for programs, in milliseconds" },
  },
  examples: [
    ["anysock bench localhost:7000", "an echo server, for three seconds"],
    ["anysock bench -c 50 -s 4096 localhost:7000", "fifty clients at a time"],
    [
      "anysock bench --frame crlf --send PING localhost:6379",
      "a server that answers a line by a line, such as Redis",
    ],
  ],
  async run(given, io) {
    const peer = peerAddress(given);
    demandTls(given);
    const timeoutMs = milliseconds(given, "timeout") ?? TIMEOUT_MS;
    const codec = codecOf(given);
    const load: Load = {
      message: messageOf(given.text("send"), count(given, "size") ?? 64),
      ...{ codec, timeoutMs },
      connections: count(given, "connections") ?? 1,
      count: count(given, "count"),
      timeMs: milliseconds(given, "time") ?? 3000,
    };
    const tls = given.flag("tls") ? await clientTls(given) : undefined;
    const result = await measure(
      load,
      () =>
        connect(peer, {
          ...{ timeoutMs, signal: io.interrupted },
          ...tls === undefined ? {} : { tls },
        }),
      io,
    );
    if (result.times.count > 0) {
      await line(
        io.output,
        given.flag("json")
          ? JSON.stringify(figures(load, result), null, 2)
          : report(peer, load, result, io),
      );
    }
    return io.interrupted.aborted ? EXIT_INTERRUPTED : EXIT_OK;
  },
};

/** What is asked of the server. */
interface Load {
  readonly message: Uint8Array;
  readonly codec: ByteCodec | undefined;
  readonly connections: number;
  readonly timeoutMs: number;
  readonly timeMs: number;
  readonly count: number | undefined;
}

/** What came of it. */
interface Result {
  readonly times: Histogram;
  /** Milliseconds that it took in all. */
  readonly tookMs: number;
}

function messageOf(text: string | undefined, size: number): Uint8Array {
  if (text !== undefined) return new TextEncoder().encode(text);
  // No zeros, and no ends of lines.
  return new Uint8Array(size).map((_, i) => 97 + i % 26);
}

async function measure(
  load: Load,
  open: () => Promise<StreamSocket>,
  io: Io,
): Promise<Result> {
  const socks = await openAll(load.connections, open);
  const times = new Histogram();
  const progress = showProgress(times, io);
  const start = performance.now();
  const end = start + (load.count === undefined ? load.timeMs : Infinity);
  let left = load.count ?? Infinity;
  const goesOn = () =>
    !io.interrupted.aborted && performance.now() < end && left-- > 0;
  try {
    await Promise.all(socks.map((sock) => ask(sock, load, goesOn, times)));
    return { times, tookMs: performance.now() - start };
  } finally {
    await progress();
    await Promise.all(socks.map((sock) => sock.close({ lingerMs: 0 })));
  }
}

async function openAll(
  count: number,
  open: () => Promise<StreamSocket>,
): Promise<StreamSocket[]> {
  const opened = await Promise.allSettled(Array.from({ length: count }, open));
  const socks = opened.flatMap((each) =>
    each.status === "fulfilled" ? [each.value] : []
  );
  const failed = opened.find((each) => each.status === "rejected");
  if (failed === undefined) return socks;
  await Promise.all(socks.map((sock) => sock.close({ lingerMs: 0 })));
  throw failed.reason;
}

/** One connection's round trips, one after the other. */
async function ask(
  sock: StreamSocket,
  load: Load,
  goesOn: () => boolean,
  times: Histogram,
): Promise<void> {
  const trip = load.codec === undefined
    ? bytesTrip(sock, load)
    : messageTrip(sock, load.codec, load);
  while (goesOn()) {
    const start = performance.now();
    await trip();
    times.add(performance.now() - start);
  }
}

function bytesTrip(
  sock: StreamSocket,
  { message, timeoutMs }: Load,
): () => Promise<void> {
  const answer = new Uint8Array(message.length);
  return async () => {
    await sock.sendAll(message);
    for (let at = 0; at < answer.length;) {
      const into = at === 0 ? answer : answer.subarray(at);
      const got = await sock.recvInto(into, { timeoutMs });
      if (got === null) throw new Error("The server has ended");
      at += got;
    }
    if (answer[0] === message[0] && answer.at(-1) === message.at(-1)) return;
    throw new Error(
      "The server does not say everything again: use --frame, with which " +
        "one message is an answer",
    );
  };
}

function messageTrip(
  sock: StreamSocket,
  codec: ByteCodec,
  { message, timeoutMs }: Load,
): () => Promise<void> {
  const messages = framed(sock, codec);
  return async () => {
    await messages.send(message);
    const answer = await messages.recv({ timeoutMs });
    if (answer === null) throw new Error("The server has ended");
  };
}

/** Tells how it goes, to a person; gives what ends that. */
function showProgress(times: Histogram, { errors }: Io): () => Promise<void> {
  if (!errors.isTerminal) return () => Promise.resolve();
  const timer = setInterval(() => {
    const text = `${times.count.toLocaleString("en-GB")} round trips`;
    errors.write(`\r\x1b[K${text}`).catch(() => {});
  }, 200);
  return async () => {
    clearInterval(timer);
    await errors.write("\r\x1b[K");
  };
}

function figures(load: Load, { times, tookMs }: Result): object {
  return {
    connections: load.connections,
    bytes: load.message.length,
    roundTrips: times.count,
    tookMs,
    perSecond: times.count / tookMs * 1000,
    ms: {
      ...{ min: times.min, mean: times.mean },
      ...Object.fromEntries(
        PERCENTILES.map((each) => [`p${each}`, times.percentile(each)]),
      ),
      max: times.max,
    },
  };
}

function report(
  peer: Address | HostAndPort,
  load: Load,
  { times, tookMs }: Result,
  io: Io,
): string {
  const { bold, dim } = paintFor(io, io.output);
  const { connections, message } = load;
  const rate = times.count / tookMs * 1000;
  const spread = [
    `mean ${timeText(times.mean)}`,
    ...PERCENTILES.map((each) =>
      `p${each} ${timeText(times.percentile(each))}`
    ),
    `max ${timeText(times.max)}`,
  ];
  const who = connectionsText(connections);
  return [
    `${shown(peer)}: ${who}, messages of ${message.length} bytes, ` +
    timeText(tookMs),
    "",
    `${bold(Math.round(rate).toLocaleString("en-GB"))} round trips a second ` +
    `(${times.count.toLocaleString("en-GB")} in all), ` +
    `${bytesText(rate * message.length)}/s each way`,
    spread.join("  "),
    "",
    dim(plot(times, Math.min(io.output.columns, 80))),
  ].join("\n");
}
