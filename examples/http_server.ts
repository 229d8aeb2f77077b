/**
 * An HTTP/1.1 server: connections are kept, requests may be pipelined, and what
 * a client may send is bounded. `GET /` says hello; what is posted to `/echo`
 * comes back.
 *
 *     deno run --allow-net examples/http_server.ts [port]
 *     bun examples/http_server.ts [port]
 *     node examples/http_server.ts [port]          (Node 22.18; on 20: .mjs)
 */
import { formatAddress, IncompleteReadError } from "anysock";
import { LimitOverrunError, SocketError, type StreamSocket } from "anysock";
import { type ConnectionContext, serve } from "anysock/server";

const MOST_HEAD_BYTES = 16_384;
const MOST_BODY_BYTES = 1_048_576;
/** How long a head or a body may trickle. */
const TIME = { timeoutMs: 60_000 };
const HELLO = new TextEncoder().encode("Hello, world\n");
const NOTHING = new Uint8Array(0);
const SINGLE = ["content-length", "host"];
const FIELD = /^([\w!#$%&'*+.^`|~-]+):([\t -~\x80-\uffff]*)$/;

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** What is wrong with a request, after which the connection cannot go on. */
class BadRequest extends Error {
  constructor(status = "400 Bad Request") {
    super(status);
  }
}

function parseHead(text: string): [request: Request, isKept: boolean] {
  const [line = "", ...fields] = text.split("\r\n");
  const match = /^([A-Z]+) (\/\S*) HTTP\/1\.([01])$/.exec(line);
  if (match === null) throw new BadRequest();
  const headers = new Map<string, string>();
  for (const field of fields) {
    const [, name, value = ""] = FIELD.exec(field) ?? [];
    if (name === undefined) throw new BadRequest();
    const key = name.toLowerCase();
    // Two lengths are how requests are smuggled.
    if (SINGLE.includes(key) && headers.has(key)) throw new BadRequest();
    headers.set(key, value.trim());
  }
  const [, method = "", path = "", minor] = match;
  if (minor === "1" && !headers.has("host")) throw new BadRequest();
  const asked = headers.get("connection")?.toLowerCase().split(/[ \t]*,[ \t]*/);
  const isKept = !asked?.includes("close") &&
    (minor === "1" || asked?.includes("keep-alive") === true);
  return [{ method, path, headers }, isKept];
}

async function readBody(
  connection: StreamSocket,
  { headers }: Request,
): Promise<Uint8Array> {
  const length = headers.get("content-length") ?? "0";
  if (headers.has("transfer-encoding")) {
    throw new BadRequest("411 Length Required");
  }
  if (!/^\d{1,15}$/.test(length)) throw new BadRequest();
  if (Number(length) > MOST_BODY_BYTES) {
    throw new BadRequest("413 Content Too Large");
  }
  if (headers.get("expect")?.toLowerCase() === "100-continue") {
    await connection.sendAll("HTTP/1.1 100 Continue\r\n\r\n");
  }
  return await connection.recvExactly(Number(length), TIME);
}

function answer({ method, path }: Request, body: Uint8Array) {
  if (method === "POST" && path === "/echo") return ["200 OK", body] as const;
  if (path !== "/") return ["404 Not Found", NOTHING] as const;
  if (method === "GET" || method === "HEAD") return ["200 OK", HELLO] as const;
  return ["405 Method Not Allowed", NOTHING] as const;
}

/** One request and its answer; whether another may follow. */
async function serveRequest(
  connection: StreamSocket,
  { signal }: ConnectionContext,
): Promise<boolean> {
  const limits = { maxBytes: MOST_HEAD_BYTES, signal, ...TIME };
  const bytes = await connection.recvUntil("\r\n\r\n", limits);
  const [request, isWished] = parseHead(
    new TextDecoder("latin1").decode(bytes),
  );
  const body = await readBody(connection, request);
  const [status, content] = answer(request, body);
  // A server that stops says so to clients that would go on.
  const isKept = isWished && !signal.aborted;
  const head = `HTTP/1.1 ${status}\r\nContent-Length: ${content.length}\r\n` +
    `Connection: ${isKept ? "keep-alive" : "close"}\r\n\r\n`;
  await connection.sendAll(request.method === "HEAD" ? head : [head, content]);
  return isKept;
}

const port = Number(process.argv[2] ?? 8080);
const server = await serve(["127.0.0.1", port], async (connection, context) => {
  try {
    while (await serveRequest(connection, context));
  } catch (error) {
    if (error instanceof IncompleteReadError) return; // the client is done
    const status = error instanceof LimitOverrunError
      ? "431 Request Header Fields Too Large"
      : error instanceof SocketError && error.code === "ETIMEDOUT"
      ? "408 Request Timeout"
      : error instanceof BadRequest && error.message;
    if (!status) throw error;
    await connection.sendAll(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  }
}, {
  ...{ maxPerHost: 256, idleTimeoutMs: 30_000, maxConnectionMs: 3_600_000 },
  signals: ["SIGINT", "SIGTERM"],
});
console.log("Listening on", formatAddress(server.address));
