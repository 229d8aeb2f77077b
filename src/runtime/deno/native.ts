/**
 * The parts of Deno's API that the driver uses, and where they are.
 *
 * @module
 */

import type { FileCalls, FileIdentity } from "../own_path.ts";

/** The members of `Deno.Conn` that are used. */
export interface DenoConn {
  /** The address of this end. */
  readonly localAddr: unknown;
  /** The address of the peer. */
  readonly remoteAddr: unknown;
  /** One read; `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** One write, perhaps of a part. */
  write(data: Uint8Array): Promise<number>;
  /** Sends FIN. */
  closeWrite(): Promise<void>;
  /** Releases the descriptor. */
  close(): void;
  /** Keeps the process alive. */
  ref(): void;
  /** Does not keep the process alive. */
  unref(): void;
  /** `TCP_NODELAY`, of TCP alone. */
  setNoDelay?(on?: boolean): void;
  /** `SO_KEEPALIVE`, of TCP alone. */
  setKeepAlive?(on?: boolean): void;
}

/** The members of `Deno.TlsConn` that are used besides. */
export interface DenoTlsConn extends DenoConn {
  /** Settles when the handshake is over. */
  handshake(): Promise<{ readonly alpnProtocol: string | null }>;
}

/** The members of `Deno.Listener` that are used. */
export interface DenoListener {
  /** The address claimed. */
  readonly addr: unknown;
  /** One connection. */
  accept(): Promise<DenoConn>;
  /** Releases the descriptor. */
  close(): void;
  /** Keeps the process alive. */
  ref(): void;
  /** Does not keep the process alive. */
  unref(): void;
}

/** The members of `Deno.DatagramConn` that are used. */
export interface DenoDatagram {
  /** The address claimed. */
  readonly addr: unknown;
  /** One datagram, as a view of the buffer, and who sent it. */
  receive(buffer: Uint8Array): Promise<[Uint8Array, unknown]>;
  /** Sends one. */
  send(data: Uint8Array, to: object): Promise<number>;
  /** Releases the descriptor. */
  close(): void;
  /** Keeps the process alive. */
  ref(): void;
  /** Does not keep the process alive. */
  unref(): void;
}

/** The members of the `Deno` namespace that are used. */
export interface DenoNamespace {
  /** A connected stream. */
  connect(options: object): Promise<DenoConn>;
  /** A listener. */
  listen(options: object): DenoListener;
  /** A listener of TLS. */
  listenTls(options: object): DenoListener;
  /** Begins TLS as a client; the connection is used no more. */
  startTls(conn: DenoConn, options: object): Promise<DenoTlsConn>;
  /** A datagram socket; missing without `--unstable-net`. */
  readonly listenDatagram?: (options: object) => DenoDatagram;
  /** What is at a path. */
  lstatSync(path: string): FileIdentity;
  /** Makes a file. */
  writeFileSync(path: string, data: Uint8Array, options: object): void;
  /** Moves a file. */
  renameSync(from: string, to: string): void;
  /** Removes a file. */
  removeSync(path: string): void;
  /** Calls `listener` when the signal comes. */
  addSignalListener(name: string, listener: () => void): void;
  /** Does so no more. */
  removeSignalListener(name: string, listener: () => void): void;
  /** Lets a timer that is a number keep the process alive. */
  refTimer(id: number): void;
  /** Lets the process end before such a timer. */
  unrefTimer(id: number): void;
  /** The working directory. */
  cwd(): string;
  /** What the program may do. */
  readonly permissions: {
    querySync(descriptor: { name: "net"; host: string }): { state: string };
  };
  readonly env: {
    get(name: string): string | undefined;
    delete(name: string): void;
  };
}

/** The namespace. */
export function deno(): DenoNamespace {
  // dnt-shim-ignore
  return (globalThis as unknown as { Deno: DenoNamespace }).Deno;
}

/** Deno's file system. */
export const DENO_FILES: FileCalls = {
  lstat: (path) => deno().lstatSync(path),
  create: (path) =>
    deno().writeFileSync(path, new Uint8Array(0), { createNew: true }),
  rename: (from, to) => deno().renameSync(from, to),
  unlink: (path) => deno().removeSync(path),
  cwd: () => deno().cwd(),
};

/** Whether Deno was started with `--unstable-net`. */
export function hasUnstableNet(): boolean {
  return typeof deno().listenDatagram === "function";
}
