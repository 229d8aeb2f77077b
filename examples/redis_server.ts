/**
 * A small Redis server: GET SET DEL EXISTS INCR PING ECHO FLUSHALL, for
 * `redis-cli` and `redis-benchmark`. All answers to what came in one piece
 * leave in one write, so that pipelining pays.
 *
 *     deno run --allow-net examples/redis_server.ts [port]
 *     bun examples/redis_server.ts [port]
 *     node examples/redis_server.ts [port]         (Node 22.18; on 20: .mjs)
 */
import { Buffer } from "node:buffer";
import { formatAddress, type StreamSocket } from "anysock";
import { type ConnectionContext, serve } from "anysock/server";

const MOST_BYTES = 1_048_576; // of one command
const MOST_WORDS = 1024;
// Not by a TextDecoder: its "latin1" is Windows' and changes bytes.
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const bytesOf = (text: string) => Buffer.from(text, "latin1");

class ProtocolError extends Error {}
/** Texts of single bytes: values may be anything, lengths are bytes. */
const database = new Map<string, string>();
const bulk = (text: string | undefined) =>
  text === undefined ? "$-1\r\n" : `$${text.length}\r\n${text}\r\n`;

type Command = (key: string, value: string, all: readonly string[]) => string;
type Row = readonly [least: number, most: number, command: Command];

/** Each with the least and the most of its arguments. */
const COMMANDS: Readonly<Record<string, Row>> = {
  GET: [1, 1, (key) => bulk(database.get(key))],
  SET: [2, 2, (key, value) => (database.set(key, value), "+OK\r\n")],
  EXISTS: [1, 1, (key) => `:${Number(database.has(key))}\r\n`],
  ECHO: [1, 1, (text) => bulk(text)],
  PING: [0, 1, (text) => text === "" ? "+PONG\r\n" : bulk(text)],
  FLUSHALL: [0, 0, () => (database.clear(), "+OK\r\n")],
  DEL: [
    1,
    MOST_WORDS,
    (_key, _value, all) =>
      `:${all.filter((key) => database.delete(key)).length}\r\n`,
  ],
  INCR: [1, 1, (key) => {
    const text = database.get(key) ?? "0";
    const next = Number(text) + 1;
    const isFine = /^-?\d+$/.test(text) && Number.isSafeInteger(next);
    if (!isFine) return "-ERR value is not an integer or out of range\r\n";
    database.set(key, `${next}`);
    return `:${next}\r\n`;
  }],
};

function answer([name = "", ...words]: readonly string[]): string {
  const found = COMMANDS[name.toUpperCase()];
  if (found === undefined) {
    const shown = name.replace(/\W/g, "?").slice(0, 32);
    return `-ERR unknown command '${shown}'\r\n`;
  }
  const [least, most, command] = found;
  const isRight = words.length >= least && words.length <= most;
  if (!isRight) return "-ERR wrong number of arguments\r\n";
  return command(words[0] ?? "", words[1] ?? "", words);
}

/** A number between a mark and CR LF, and where it ends; if it is there. */
function numberAt(text: string, at: number, mark: string, most: number) {
  if (at < text.length && text[at] !== mark) throw new ProtocolError(mark);
  const end = text.indexOf("\r\n", at);
  if (end < 0 && text.length - at < 20) return undefined;
  const digits = text.slice(at + 1, end);
  const isFine = /^\d{1,9}$/.test(digits) && Number(digits) <= most;
  if (!isFine) throw new ProtocolError("length");
  return [Number(digits), end + 2] as const;
}

/** The words of the command at `at`, and where it ends; if it is there. */
function commandAt(text: string, at: number) {
  const head = numberAt(text, at, "*", MOST_WORDS);
  if (head === undefined) return undefined;
  let [count, next] = head;
  const words: string[] = [];
  for (; count > 0; count--) {
    const length = numberAt(text, next, "$", MOST_BYTES);
    if (length === undefined) return undefined;
    const [size, start] = length;
    if (text.length < start + size + 2) return undefined;
    words.push(text.slice(start, start + size));
    next = start + size + 2;
  }
  return [words, next] as const;
}

async function talk(connection: StreamSocket, { signal }: ConnectionContext) {
  let text = "";
  for (let bytes; (bytes = await connection.recv({ signal })) !== null;) {
    text += textOf(bytes);
    let [at, answers] = [0, ""];
    for (let found; (found = commandAt(text, at)); at = found[1]) {
      answers += answer(found[0]);
      // A few bytes may ask for a lot, many times over.
      if (answers.length < MOST_BYTES) continue;
      await connection.sendAll(bytesOf(answers));
      answers = "";
    }
    text = text.slice(at);
    await connection.sendAll(bytesOf(answers));
    if (text.length > 2 * MOST_BYTES) throw new ProtocolError("too long");
  }
}

const port = Number(process.argv[2] ?? 6379);
const server = await serve(["127.0.0.1", port], async (connection, context) => {
  try {
    await talk(connection, context);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    await connection.sendAll(`-ERR Protocol error: ${error.message}\r\n`);
  }
}, { maxPerHost: 500, idleTimeoutMs: 300_000, signals: ["SIGTERM", "SIGINT"] });
console.log("Listening on", formatAddress(server.address));
