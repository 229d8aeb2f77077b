/**
 * The few members of `node:net`, `node:dns` and `process` that the driver
 * uses, and the modules themselves, loaded when first asked for.
 *
 * @module
 */

import { builtin } from "./builtins.ts";

/** What a socket's `onread` option holds. */
export interface OnRead {
  /**
   * The memory that bytes are read into, or what gives it: asked when a socket
   * is made and after each callback.
   */
  readonly buffer: Uint8Array | (() => Uint8Array);
  /** Told that bytes are there; `false` stops reading. */
  callback(this: unknown, count: number, buffer: Uint8Array): boolean;
}

/** How listeners are added and removed. */
export interface Subscribe {
  /** What went wrong. */
  (event: "error", listener: (error: Error) => void): unknown;
  /** What came. */
  (event: "data", listener: (chunk: Uint8Array) => void): unknown;
  /** Who came. */
  (event: "connection", listener: (socket: NodeSocket) => void): unknown;
  /** Everything else. */
  (event: string, listener: () => void): unknown;
}

/** The members of `net.Socket` that are used. */
export interface NodeSocket {
  /** Whether the peer's FIN leaves this side open. */
  allowHalfOpen: boolean;
  /** Address of this end; `undefined` once closed, and on Unix sockets. */
  readonly localAddress?: string | undefined;
  /** Port of this end. */
  readonly localPort?: number | undefined;
  /** Address of the peer; `undefined` once it is gone. */
  readonly remoteAddress?: string | undefined;
  /** Port of the peer. */
  readonly remotePort?: number | undefined;
  /** Whether it is not connected yet. */
  readonly pending: boolean;
  /** Whether `destroy` was called, by anybody. */
  readonly destroyed: boolean;
  /** What destroyed it, or is about to. */
  readonly errored: Error | null;
  /** Whether `end` was called. */
  readonly writableEnded: boolean;
  /** Whether FIN was sent. */
  readonly writableFinished: boolean;
  /** How many bytes the kernel has not taken yet. */
  readonly writableLength: number;
  /** Whether the peer's FIN was told. */
  readonly readableEnded: boolean;
  readonly readableEncoding: string | null;
  /** Adds a listener. */
  on: Subscribe;
  /** Adds a listener that is told once. */
  once: Subscribe;
  /** Removes a listener. */
  off: Subscribe;
  /** Reads, until `pause` or until `onread` says `false`. */
  resume(): unknown;
  /** Stops reading. */
  pause(): unknown;
  /** Bytes held by the stream itself; `null` if there are none. */
  read(): Uint8Array | null;
  /** Puts bytes into the stream's own buffer. */
  push(chunk: Uint8Array): boolean;
  /** Writes; the callback comes when the kernel has taken everything. */
  write(data: Uint8Array, settled?: (error?: Error | null) => void): boolean;
  /** Sends FIN behind what was written. */
  end(finished: (error?: Error | null) => void): unknown;
  /** Releases the descriptor. */
  destroy(): unknown;
  /** Sends RST and releases the descriptor. */
  resetAndDestroy(): unknown;
  /** Sets TCP_NODELAY. */
  setNoDelay(on: boolean): unknown;
  /**
   * Sets SO_KEEPALIVE and, unless `idleMs` is left out, its tuning: the times
   * in milliseconds, of which whole seconds count.
   */
  setKeepAlive(
    on: boolean,
    idleMs?: number,
    intervalMs?: number,
    count?: number,
  ): unknown;
  /** Sets IP_TOS or IPV6_TCLASS; newer versions have it. */
  setTypeOfService?(value: number): unknown;
  /** What the kernel says of it. */
  getTypeOfService?(): number;
  /** Lets the socket keep the process alive. */
  ref(): unknown;
  /** Lets the process end while the socket is open. */
  unref(): unknown;
}

/** What lies under a socket or server. None of it is documented. */
export interface NodeInternals {
  /** The libuv handle. */
  _handle?: {
    /** The descriptor; on Deno there is none. */
    readonly fd?: number;
    /** 0, or a negative errno. */
    getpeername?(out: object): number;
    /** Bytes that the kernel has not taken yet. */
    readonly writeQueueSize?: number;
    /** Told of each connection that a listening handle has accepted. */
    onconnection?: (this: unknown, status: number, handle: unknown) => void;
  } | null;
  /**
   * What `write` calls when its turn has come. The callback comes before it
   * returns where the kernel takes everything at once.
   */
  _write(
    data: Uint8Array,
    encoding: "buffer",
    settled: (error?: Error | null) => void,
  ): void;
  /** `null` once nothing has been asked for and nothing was refused. */
  readableFlowing: boolean | null;
}

/** The members of `net.Server` that are used. */
export interface NodeServer {
  /** Whether it has an address. */
  readonly listening: boolean;
  /** Adds a listener. */
  on: Subscribe;
  /** Removes a listener. */
  off: Subscribe;
  /** Claims the address. */
  listen(options: object): unknown;
  /** Where it listens; a string for a path. */
  address(): string | { address: string; port: number } | null;
  /** Releases the descriptor. */
  close(): unknown;
  /** Lets the server keep the process alive. */
  ref(): unknown;
  /** Lets the process end while the server is open. */
  unref(): unknown;
}

/** The members of `node:net` that are used. */
export interface NetModule {
  /** A socket, here always one around an accepted handle. */
  readonly Socket: {
    new (options: object): NodeSocket;
    readonly prototype: NodeSocket;
  };
  /** A socket that connects. */
  connect(options: object): NodeSocket;
  /** A listening socket to be. */
  createServer(options: object): NodeServer;
}

/** The members of `node:dns` that are used. */
export interface DnsModule {
  /** `getaddrinfo`. */
  lookup(
    hostname: string,
    options: object,
    done: (
      error: Error | null,
      addresses: readonly { readonly address: string }[],
    ) => void,
  ): void;
}

/** The members of `node:fs` that are used. */
export interface FsModule {
  /** Throws unless the path is there. */
  statSync(path: string): unknown;
  /** What is at a path, links not followed. */
  lstatSync(
    path: string,
    options: { readonly bigint: true },
  ): { readonly dev: bigint; readonly ino: bigint };
  /** Opens a file. */
  openSync(path: string, flags: "wx"): number;
  /** Releases its descriptor. */
  closeSync(fd: number): void;
  /** Moves a file. */
  renameSync(from: string, to: string): void;
  /** Removes a file. */
  unlinkSync(path: string): void;
  /** Throws unless the descriptor is open. */
  fstatSync(fd: number): { isSocket(): boolean };
  /** Where a symbolic link points. */
  readlinkSync(path: string): string;
  /** The whole file. */
  readFileSync(path: string, encoding: "utf8"): string;
}

/** The part of `node:buffer` that is used. */
interface BufferModule {
  readonly Buffer: {
    from(data: Uint8Array): Uint8Array;
    allocUnsafeSlow(bytes: number): Uint8Array<ArrayBuffer>;
  };
}

interface Process {
  readonly versions: Readonly<Record<string, string | undefined>>;
}

function host(): Process {
  // dnt-shim-ignore
  return (globalThis as unknown as { process: Process }).process;
}

let net: NetModule | undefined;

/** `node:net`, loaded when first asked for. */
export function netModule(): NetModule {
  return net ??= builtin<NetModule>("node:net");
}

let buffer: BufferModule | undefined;

/** `node:buffer`, loaded when first asked for. */
export function bufferModule(): BufferModule {
  return buffer ??= builtin<BufferModule>("node:buffer");
}

/** `node:dns`, loaded when first asked for. */
export function dnsModule(): DnsModule {
  return builtin<DnsModule>("node:dns");
}

/** `node:fs`, loaded when first asked for. */
export function fsModule(): FsModule {
  return builtin<FsModule>("node:fs");
}

/** Whose `node:net` this is, and which version. */
export interface Host {
  /** Whose. */
  readonly name: "deno" | "bun" | "node";
  /** As error texts name it, such as `"Node 20.19.0"`. */
  readonly label: string;
  /** Whether a part, such as `"uv"`, is at least of this version. */
  has(part: string, major: number, minor: number): boolean;
}

let found: Host | undefined;

/** Whose `node:net` this is. */
export function nodeHost(): Host {
  return found ??= findHost(host().versions);
}

function findHost(versions: Process["versions"]): Host {
  const has: Host["has"] = (part, major, minor) => {
    const [x = 0, y = 0] = (versions[part] ?? "").split(".").map(Number);
    return x > major || (x === major && y >= minor);
  };
  const { deno, bun, node } = versions;
  if (deno !== undefined) {
    return { name: "deno", label: `node:net of Deno ${deno}`, has };
  }
  if (bun !== undefined) {
    return { name: "bun", label: `node:net of Bun ${bun}`, has };
  }
  return { name: "node", label: `Node ${node}`, has };
}
