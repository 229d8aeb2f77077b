/**
 * A peer that is no part of what is tested: a python3 process with plain
 * kernel sockets, told line by line what to do. Commands run side by side, so
 * one that waits (`accept`, `recv`, `readAll`) holds up no other; those of one
 * connection are best awaited one after the other.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { Buffer } from "node:buffer";

/** What `readAll` met. */
export interface ReadAll {
  /** How many bytes came. */
  readonly bytes: number;
  /** Their SHA-256, in hexadecimal. */
  readonly sha256: string;
  /** What ended the stream: `"EOF"`, or a C code such as `"ECONNRESET"`. */
  readonly end: string;
}

/** A connection of the raw peer. Every call rejects with `code` set. */
export interface PeerSocket {
  /** Its number among those of the peer. */
  readonly id: number;
  /** The peer's end: `"host:port"`, or a path. */
  readonly localAddress: PeerAddress;
  /** The other end, as the peer sees it. */
  readonly remoteAddress: PeerAddress;
  /** Sends everything, `repeat` times over. Bound by 15 s, like every call. */
  send(data: Uint8Array | string, repeat?: number): Promise<void>;
  /** Sends everything, with FIN in the same segment. */
  sendLast(data: Uint8Array | string): Promise<void>;
  /** Sends everything, then RST at once. */
  sendAndReset(data: Uint8Array | string): Promise<void>;
  /** 1…`maxBytes` bytes, or `null` at the end. */
  recv(maxBytes?: number): Promise<Uint8Array | null>;
  /** Exactly so many bytes; rejects if the stream ends before. */
  recvExactly(count: number): Promise<Uint8Array>;
  /** Reads to the end, or to the reset, and says what came. */
  readAll(): Promise<ReadAll>;
  /** Sends back what comes until it ends, then FIN. Gives the count. */
  echo(): Promise<number>;
  /** FIN. */
  shutdown(): Promise<void>;
  /** RST: closes with `SO_LINGER` {1, 0}. */
  reset(): Promise<void>;
  /** Closes; RST if bytes are unread, as always. */
  close(): Promise<void>;
  /** The pending error of the socket, as a C code; `""` if there is none. */
  takeError(): Promise<string>;
}

/** A listening socket of the raw peer. */
export interface PeerListener {
  /** Where it listens. */
  readonly address: PeerAddress;
  /** The next connection. */
  accept(): Promise<PeerSocket>;
  /** Closes it. */
  close(): Promise<void>;
}

/** An address as the raw peer tells it. */
export interface PeerAddress {
  /** Numeric host, or `""`. */
  readonly hostname: string;
  /** Port, or 0. */
  readonly port: number;
  /** Path; `"\0name"` if abstract; `undefined` for Internet sockets. */
  readonly path?: string;
}

/** Where the raw peer connects or listens. */
export type PeerTarget =
  | { readonly hostname: string; readonly port: number }
  | { readonly path: string };

/** The raw peer. */
export interface RawPeer {
  /** Listens, by default on port 0 of 127.0.0.1. */
  listen(target?: PeerTarget, backlog?: number): Promise<PeerListener>;
  /** Connects. */
  connect(target: PeerTarget): Promise<PeerSocket>;
  /**
   * How many IPv4 sockets of this machine are still sending SYN to a port
   * (Linux). It is 0 as soon as an attempt was really called off.
   */
  countSynSent(port: number): Promise<number>;
  /** Ends the process and with it all its sockets. */
  close(): Promise<void>;
}

/** Calls `fn` with a raw peer of its own, and ends it afterwards. */
export async function withRawPeer<T>(
  fn: (peer: RawPeer) => T | Promise<T>,
): Promise<T> {
  const peer = startRawPeer();
  try {
    return await fn(peer);
  } finally {
    await peer.close();
  }
}

/** Starts a raw peer. */
export function startRawPeer(): RawPeer {
  return rawPeerOver(new PeerWire());
}

/** A raw peer at the end of a wire. */
export function rawPeerOver(wire: PeerWire): RawPeer {
  return {
    listen: async (target = { hostname: "127.0.0.1", port: 0 }, backlog = 16) =>
      listenerOf(wire, await wire.call("listen", { ...target, backlog })),
    connect: async (target) =>
      socketOf(wire, await wire.call("connect", { ...target })),
    countSynSent: async (port) =>
      (await wire.call("countSynSent", { port })).bytes!,
    close: () => wire.end(),
  };
}

function listenerOf(wire: PeerWire, made: Reply): PeerListener {
  const { id } = made;
  return {
    address: made.local!,
    accept: async () => socketOf(wire, await wire.call("accept", { id })),
    close: async () => void await wire.call("close", { id }),
  };
}

function socketOf(wire: PeerWire, made: Reply): PeerSocket {
  const { id } = made;
  const call = (op: string, more: object = {}) =>
    wire.call(op, { id, ...more });
  return {
    id: made.id!,
    localAddress: made.local!,
    remoteAddress: made.remote!,
    send: async (data, repeat = 1) =>
      void await call("send", { data: toBase64(data), repeat }),
    sendLast: async (data) =>
      void await call("sendLast", { data: toBase64(data) }),
    sendAndReset: async (data) =>
      void await call("sendAndReset", { data: toBase64(data) }),
    recv: async (maxBytes = 65_536) => {
      const { data } = await call("recv", { maxBytes });
      return data === undefined ? null : fromBase64(data);
    },
    recvExactly: async (count) =>
      fromBase64((await call("recvExactly", { count })).data!),
    readAll: async () => {
      const { bytes, sha256, end } = await call("readAll");
      return { bytes: bytes!, sha256: sha256!, end: end! };
    },
    echo: async () => (await call("echo")).bytes!,
    shutdown: async () => void await call("shutdown"),
    reset: async () => void await call("reset"),
    close: async () => void await call("close"),
    takeError: async () => (await call("takeError")).end!,
  };
}

/** Bytes or text, as they go over the pipe. */
export function toBase64(data: Uint8Array | string): string {
  return Buffer.from(data as Uint8Array).toString("base64");
}

/** Bytes as they come over the pipe. */
export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** An answer of the process. */
export interface Reply {
  readonly call: number;
  readonly id?: number;
  readonly local?: PeerAddress;
  readonly remote?: PeerAddress;
  readonly data?: string;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly end?: string;
  readonly error?: string;
}

interface Waiter {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** The pipes to the process: one JSON object a line, both ways. */
export class PeerWire {
  readonly #process: ChildProcess;
  readonly #waiting: Map<number, Waiter> = new Map();
  readonly #ended: Promise<void>;
  #calls = 0;
  #text = "";

  /** `more` is Python that knows more commands. */
  constructor(more = "") {
    const program = `${COMMANDS}\n${more}\n${LOOP}`;
    this.#process = spawn("python3", ["-I", "-S", "-c", program], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#process.stdout!.on("data", (chunk: Buffer) => this.#read(chunk));
    // Writing to a process that has ended: its calls are rejected below.
    this.#process.stdin!.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      const over = (what: unknown) => {
        const error = new Error(`The raw peer has ended: ${what}`);
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
        resolve();
      };
      this.#process.on("error", over);
      this.#process.on("close", over);
    });
  }

  /** Gives a command, and its answer. Rejects with `code` set. */
  call(op: string, more: object): Promise<Reply> {
    const call = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      this.#process.stdin!.write(`${JSON.stringify({ call, op, ...more })}\n`);
    });
  }

  /** Ends the process. */
  async end(): Promise<void> {
    this.#process.stdin!.end();
    await this.#ended;
  }

  #read(chunk: Buffer): void {
    // Only ASCII comes, so a chunk may end anywhere.
    const lines = (this.#text + chunk.toString("latin1")).split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) this.#answer(JSON.parse(line));
  }

  #answer(reply: Reply): void {
    const waiter = this.#waiting.get(reply.call);
    this.#waiting.delete(reply.call);
    if (reply.error === undefined) return waiter?.resolve(reply);
    const error = new Error(`The raw peer failed: ${reply.error}`);
    waiter?.reject(Object.assign(error, { code: reply.error }));
  }
}

const COMMANDS = String.raw`
import base64, errno, hashlib, itertools, json, os, socket, struct, sys, threading

TIMEOUT = 15
socks = {}
ids = itertools.count(1)
out = threading.Lock()

def name(number):
    return errno.errorcode.get(number, str(number)) if number else ""

def address(raw):
    if isinstance(raw, tuple):
        return {"hostname": raw[0], "port": raw[1]}
    text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
    return {"hostname": "", "port": 0, "path": text}

def fresh(a):
    if "path" in a:
        return socket.socket(socket.AF_UNIX), a["path"]
    v6 = ":" in a["hostname"]
    return (socket.socket(socket.AF_INET6 if v6 else socket.AF_INET),
            (a["hostname"], a["port"]))

def keep(s):
    s.settimeout(TIMEOUT)
    key = next(ids)
    socks[key] = s
    made = {"id": key, "local": address(s.getsockname())}
    try:
        made["remote"] = address(s.getpeername())
        if s.family != socket.AF_UNIX:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        pass
    return made

def listen(a):
    s, where = fresh(a)
    if s.family != socket.AF_UNIX:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(where)
    s.listen(a["backlog"])
    return keep(s)

def accept(a):
    return keep(socks[a["id"]].accept()[0])

def connect(a):
    s, where = fresh(a)
    s.settimeout(TIMEOUT)
    try:
        s.connect(where)
    except OSError:
        s.close()
        raise
    return keep(s)

def send(a):
    data = base64.b64decode(a["data"])
    for _ in range(a["repeat"]):
        socks[a["id"]].sendall(data)
    return {}

def sendLast(a):
    s = socks[a["id"]]
    s.sendall(base64.b64decode(a["data"]), socket.MSG_MORE)
    s.shutdown(socket.SHUT_WR)
    return {}

def sendAndReset(a):
    socks[a["id"]].sendall(base64.b64decode(a["data"]))
    return reset(a)

def recv(a):
    data = socks[a["id"]].recv(a["maxBytes"])
    return {"data": base64.b64encode(data).decode()} if data else {}

def recvExactly(a):
    got = bytearray()
    while len(got) < a["count"]:
        data = socks[a["id"]].recv(a["count"] - len(got))
        if not data:
            raise OSError(errno.ENODATA, "the stream ended")
        got += data
    return {"data": base64.b64encode(got).decode()}

def readAll(a):
    total, digest, end = 0, hashlib.sha256(), "EOF"
    try:
        while True:
            data = socks[a["id"]].recv(1 << 20)
            if not data:
                break
            total += len(data)
            digest.update(data)
    except socket.timeout:
        end = "ETIMEDOUT"
    except OSError as e:
        end = name(e.errno)
    return {"bytes": total, "sha256": digest.hexdigest(), "end": end}

def echo(a):
    total = 0
    while True:
        data = socks[a["id"]].recv(1 << 16)
        if not data:
            break
        total += len(data)
        socks[a["id"]].sendall(data)
    socks[a["id"]].shutdown(socket.SHUT_WR)
    return {"bytes": total}

def shutdown(a):
    socks[a["id"]].shutdown(socket.SHUT_WR)
    return {}

def reset(a):
    linger = struct.pack("ii", 1, 0)
    socks[a["id"]].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    return close(a)

def close(a):
    socks.pop(a["id"]).close()
    return {}

def takeError(a):
    s = socks[a["id"]]
    return {"end": name(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))}

def countSynSent(a):
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in list(table)[1:]]
    end = ":%04X" % a["port"]
    return {"bytes": sum(r[3] == "02" and r[2].endswith(end) for r in rows)}

`;

const LOOP = String.raw`
def run(a):
    try:
        reply = globals()[a["op"]](a)
    except socket.timeout:
        reply = {"error": "ETIMEDOUT"}
    except OSError as e:
        reply = {"error": name(e.errno)}
    except Exception as e:
        reply = {"error": repr(e)}
    reply["call"] = a["call"]
    with out:
        print(json.dumps(reply), flush=True)

for line in sys.stdin:
    threading.Thread(target=run, args=(json.loads(line),), daemon=True).start()
os._exit(0)
`;
