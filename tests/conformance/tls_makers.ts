/**
 * TLS over the streams of another maker.
 *
 * @module
 */

import { type Law, type StreamMaker, tlsMaker } from "../../src/testing/mod.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { thisRuntime } from "../runtimes.ts";
import { COUNTING } from "./tls_gaps.ts";

/** Why there is no TLS here; `undefined` if there is. */
export const lack: string | undefined = lackOfOpenssl();

/** TLS from the start. */
export function fromStart(maker: StreamMaker): StreamMaker {
  return overTls(maker);
}

/** TLS after some plain talk, but for a law that counts bytes. */
export function midway(maker: StreamMaker, law?: Law): StreamMaker {
  const counts = law !== undefined && COUNTING.test(law.name);
  return overTls(maker, counts ? 0 : 1024);
}

/** The runtime's own TLS sockets, from the start. */
export function natively(maker: StreamMaker): StreamMaker {
  return overTls(maker, undefined, true);
}

function overTls(
  maker: StreamMaker,
  plainBytes?: number,
  native = false,
): StreamMaker {
  if (lack !== undefined) return maker;
  // A native client of Deno's takes no roots: its natives are the servers.
  const isClient = native && thisRuntime() !== "deno";
  return tlsMaker(maker, {
    client: {
      ca: authority().cert,
      serverName: "localhost",
      native: isClient,
    },
    server: { ...localhost(), native },
    plainBytes,
  });
}
