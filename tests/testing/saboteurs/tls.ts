/**
 * Engines and sockets that believe too much of their peers, or say too much.
 *
 * @module
 */

import type { Runtime } from "../../../src/runtime/seam/runtime.ts";
import type {
  RawStream,
  StreamSink,
} from "../../../src/runtime/seam/stream.ts";
import type {
  Handshake,
  TlsEngine,
  TlsRole,
} from "../../../src/runtime/seam/tls.ts";
import type { StreamSocket } from "../../../src/socket/mod.ts";
import type { Fault } from "../../../src/runtime/seam/fault.ts";
import type { TlsClientOptions } from "../../../src/tls_contracts.ts";
import { authority, lackOfOpenssl } from "../../support/certificates.ts";
import { broken, type Wrongs } from "../broken.ts";
import type { Saboteur } from "../saboteur.ts";
import { nothing } from "./kit.ts";

/** A runtime whose engine is wrong as told. */
function engine(wrongs: Wrongs<TlsEngine>): { runtime: Wrongs<Runtime> } {
  const tls = async (right: () => unknown): Promise<TlsEngine> =>
    broken(await right() as TlsEngine, wrongs);
  return { runtime: { tls } };
}

/** An engine whose clients take no notice of something that they are told. */
function deaf(
  forget: (options: TlsClientOptions) => TlsClientOptions,
): { runtime: Wrongs<Runtime> } {
  return engine({
    client: (right, [options, host]) =>
      right(forget(options as TlsClientOptions), host),
  });
}

/** An engine whose roles are wrong as told. */
function roles(wrongs: Wrongs<TlsRole>): { runtime: Wrongs<Runtime> } {
  const wrong = (
    right: (...args: readonly unknown[]) => unknown,
    args: readonly unknown[],
  ) => broken(right(...args) as TlsRole, wrongs);
  return engine({ client: wrong, server: wrong });
}

/** A stream that takes the end of its wire for its own. */
function withoutTruncation(stream: RawStream): RawStream {
  return broken(stream, {
    attach: (right, [sink]) => {
      const told = sink as StreamSink;
      const failed = (
        tell: (fault: unknown) => unknown,
        [fault]: readonly unknown[],
      ) => (fault as Fault).code === "TLS_TRUNCATED" ? told.end() : tell(fault);
      return right(broken(told, { failed }));
    },
  });
}

/** What sockets had in hand when they began TLS. */
const early = new WeakMap<StreamSocket, Uint8Array>();

/** Whether a handshake of a saboteur's is under way. */
let last: Promise<unknown> = Promise.resolve();

const ALL: readonly Saboteur[] = [
  {
    does: "the name of a certificate is not looked at",
    breaks: [
      "a peer is TLS_CERT_NAME when its certificate is for another name",
    ],
    driver: deaf((options) => ({ ...options, serverName: "localhost" })),
  },
  {
    does: "the chain of a certificate is not looked at",
    breaks: [
      "a peer is TLS_CERT_UNTRUSTED when no root of ours vouches for it",
    ],
    driver: deaf((options) => ({ ...options, ca: authority().cert })),
  },
  {
    does: "pins are not looked at",
    breaks: ["a peer is TLS_CERT_PIN when its key is none of the pins"],
    driver: deaf(({ pins: _, ...options }) => options),
  },
  {
    does: "a stream that is cut looks whole",
    breaks: [
      "a stream is TLS_TRUNCATED behind its bytes when it ends unannounced",
    ],
    driver: roles({
      shake: async (right, args) =>
        withoutTruncation(await right(...args) as RawStream),
    }),
  },
  {
    does: "bytes that came before TLS are received behind it",
    breaks: ["a byte that came before TLS is EPROTO and never received"],
    stream: {
      startTls: async (right, args, self) => {
        const bytes = self.tryRecv();
        await right(...args);
        if (bytes) early.set(self, bytes);
      },
      recv: (right, args, self) => {
        const bytes = early.get(self);
        early.delete(self);
        return bytes === undefined ? right(...args) : Promise.resolve(bytes);
      },
    },
  },
  {
    does: "a socket goes on in plain where TLS cannot be had",
    breaks: [
      "startTls closes the socket when it fails, and nothing goes in plain",
      "what is sent over TLS is not seen on the way",
    ],
    stream: { startTls: () => Promise.resolve() },
  },
  {
    does: "handshakes wait for each other",
    breaks: [
      "a listener with TLS gives the good client when others are silent",
    ],
    driver: engine({
      server: (right, args) =>
        broken(right(...args) as TlsRole, {
          shake: async (shake, given) => {
            const before = last;
            const shaken = before.then(() => shake(...given));
            last = shaken.catch(nothing);
            return await shaken;
          },
        }),
    }),
  },
  {
    does: "a handshake takes no notice of its signal",
    breaks: ["an abort ends a handshake and the peer sees the end"],
    driver: roles({
      shake: (right, [under, handshake]) => {
        const { signal: _, ...others } = handshake as Handshake;
        return right(under, others);
      },
    }),
  },
];

/** Engines and sockets that believe too much, or say too much. */
export const TLS: readonly Saboteur[] = lackOfOpenssl() === undefined
  ? ALL
  : [];
