/** One small interface over the library and over each runtime's own sockets. */

import type { Api } from "./results.ts";

/** A bound socket on the IPv4 loopback address. */
export interface Endpoint {
  /** Where it is bound. */
  readonly port: number;
  /** Sends one datagram; settles when the API says that it is gone. */
  send(data: Uint8Array, port: number): Promise<unknown> | void;
  /** Sends the same datagram several times, the fastest way there is. */
  sendBatch(data: Uint8Array, port: number, count: number): Promise<unknown>;
  /** Calls back for every datagram. */
  onDatagram(take: (data: Uint8Array, port: number) => void): void;
  /** Ends it. */
  close(): void;
}

const HOST = "127.0.0.1";

/** Lets the event loop turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** An endpoint of the library, or of what lies under it. */
export function endpoint(api: Api): Promise<Endpoint> {
  if (api === "ours") return ours();
  const host = globalThis as unknown as {
    Deno?: { listenDatagram?: ListenDatagram };
    Bun?: { udpSocket: UdpSocket };
  };
  if (host.Bun) return ofBun(host.Bun.udpSocket);
  const listen = host.Deno?.listenDatagram;
  return listen ? ofDeno(listen) : ofNode();
}

async function ours(): Promise<Endpoint> {
  const { AF_INET, SOCK_DGRAM, socket } = await import("../../mod.ts");
  const sock = socket(AF_INET, SOCK_DGRAM);
  await sock.bind([HOST, 0]);
  const { port } = sock.getSockName() as { port: number };
  return {
    port,
    send: (data, to) => sock.sendTo(data, [HOST, to]),
    sendBatch(data, to, count) {
      const address = { family: "ipv4", hostname: HOST, port: to } as const;
      const parcel = [data, address] as const;
      return sock.sendMany(Array.from({ length: count }, () => parcel));
    },
    onDatagram: (take) =>
      void (async () => {
        for await (const [data, from] of sock) {
          take(data, (from as { port: number }).port);
        }
      })(),
    close: () => void sock.close(),
  };
}

type ListenDatagram = (options: object) => {
  readonly addr: { readonly port: number };
  send(data: Uint8Array, to: object): Promise<number>;
  receive(into: Uint8Array): Promise<[Uint8Array, { readonly port: number }]>;
  close(): void;
};

function ofDeno(listen: ListenDatagram): Promise<Endpoint> {
  const conn = listen({ transport: "udp", hostname: HOST, port: 0 });
  const to = (port: number) => ({ transport: "udp", hostname: HOST, port });
  return Promise.resolve({
    port: conn.addr.port,
    send: (data, port) => conn.send(data, to(port)),
    async sendBatch(data, port, count) {
      for (let i = 0; i < count; i++) await conn.send(data, to(port));
    },
    onDatagram: (take) =>
      void (async () => {
        try {
          for (;;) {
            // As the library promises: the bytes belong to who takes them.
            const [data, from] = await conn.receive(new Uint8Array(65_536));
            take(data, from.port);
          }
        } catch {
          // Closed.
        }
      })(),
    close: () => conn.close(),
  });
}

type UdpSocket = (options: object) => Promise<{
  readonly port: number;
  send(data: Uint8Array, port: number, host: string): boolean;
  sendMany(flat: readonly unknown[]): number;
  close(): void;
}>;

async function ofBun(udpSocket: UdpSocket): Promise<Endpoint> {
  let take: (data: Uint8Array, port: number) => void = () => {};
  let drained: (() => void) | undefined;
  const sock = await udpSocket({
    hostname: HOST,
    port: 0,
    socket: {
      data: (_: unknown, data: Uint8Array, port: number) => take(data, port),
      drain: () => drained?.(),
      error() {},
    },
  });
  const drain = () => new Promise<void>((resolve) => drained = resolve);
  return {
    port: sock.port,
    async send(data, port) {
      while (!sock.send(data, port, HOST)) await drain();
    },
    async sendBatch(data, port, count) {
      let left = count;
      while (left > 0) {
        const flat: unknown[] = [];
        for (let i = 0; i < left; i++) flat.push(data, port, HOST);
        left -= sock.sendMany(flat);
        if (left > 0) await drain();
      }
    },
    onDatagram: (fn) => take = fn,
    close: () => sock.close(),
  };
}

async function ofNode(): Promise<Endpoint> {
  const { createSocket } = await import("node:dgram");
  const sock = createSocket("udp4");
  await new Promise<void>((resolve) => sock.bind(0, HOST, resolve));
  const send = (data: Uint8Array, port: number) =>
    new Promise<void>((resolve, reject) => {
      sock.send(data, port, HOST, (error) => error ? reject(error) : resolve());
    });
  return {
    port: sock.address().port,
    send,
    sendBatch(data, port, count) {
      return new Promise<void>((resolve, reject) => {
        let left = count;
        const settled = (error: Error | null) => {
          if (error) reject(error);
          else if (--left === 0) resolve();
        };
        for (let i = 0; i < count; i++) sock.send(data, port, HOST, settled);
      });
    },
    onDatagram: (take) => {
      sock.on("message", (data, from) => take(data, from.port));
    },
    close: () => sock.close(),
  };
}
