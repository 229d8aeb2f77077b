/**
 * What is used of Bun's globals, by shape: no types of Bun are needed.
 *
 * @module
 */

/** The members of `Bun.Socket` that are used. */
export interface BunSocket {
  data: unknown;
  /** Of accepted sockets only. */
  readonly listener?: unknown;
  readonly readyState: number;
  /** These four are `undefined` on Unix sockets and once the peer is gone. */
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  write(data: Uint8Array): number;
  pause(): void;
  resume(): void;
  shutdown(): void;
  terminate(): void;
  /** Missing before 1.2.22. */
  close?(): void;
  end(): void;
  ref(): void;
  unref(): void;
  setNoDelay(on: boolean): boolean;
  /** Without `idleMs` nothing but SO_KEEPALIVE is set. */
  setKeepAlive(on: boolean, idleMs?: number): boolean;
  /** These three are missing in Bun's types. */
  setTypeOfService(value: number): number;
  getTypeOfService(): number;
  /** −1 once closed. */
  readonly fd: number;
  reload(options: { socket: object }): void;
  /** Begins TLS as a client; gives what was, and what is used from then on. */
  upgradeTLS(options: object): [raw: BunSocket, upper: BunSocket];
}

/** The members of `Bun.SocketListener` that are used. */
export interface BunListener {
  /** Fills the object given; missing in Bun's types and before 1.2.23. */
  getsockname?(into: { address?: string; port?: number }): void;
  /** The port, unless it was given a descriptor. */
  readonly port: number;
  /** Missing in Bun's types, too; −1 once closed. */
  readonly fd: number;
  stop(): void;
  ref(): void;
  unref(): void;
}

/** The members of the `Bun` namespace that are used. */
export interface BunNamespace {
  connect(options: object): Promise<BunSocket>;
  listen(options: object): BunListener;
  udpSocket(options: object): Promise<{ close(): void }>;
}

/** Bun's global. */
export function bun(): BunNamespace {
  // dnt-shim-ignore
  return (globalThis as unknown as { Bun: BunNamespace }).Bun;
}

/** The part of `node:fs` that is used. */
export interface FsModule {
  readonly constants: { readonly W_OK: number };
  accessSync(path: string, mode: number): void;
  openSync(path: string, flags: string): number;
  closeSync(fd: number): void;
  readFileSync(path: string, encoding: "utf8"): string;
}
