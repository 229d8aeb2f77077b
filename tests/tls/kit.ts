/**
 * What the tests of TLS share: pairs, and what a call fails with.
 *
 * @module
 */

import assert from "node:assert/strict";
import { TlsError } from "../../src/errors.ts";
import {
  connect,
  type ConnectOptions,
  listen,
  type Listener,
  type StreamSocket,
} from "../../src/socket/mod.ts";
import type {
  TlsClientOptions,
  TlsServerOptions,
} from "../../src/tls_contracts.ts";
import { authority, localhost } from "../support/certificates.ts";

/** Both versions. */
export const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** What a handshake between our own two ends has come to. */
export interface Outcome {
  /** The client's error, as `"CODE alert"`; `""` if it connected. */
  readonly client: string;
  /** The server's. */
  readonly server: string;
}

/** A listener with TLS, and the errors that it told. */
export async function serve(
  tls: Partial<TlsServerOptions> = {},
): Promise<[Listener, TlsError[]]> {
  const errors: TlsError[] = [];
  const server = await listen("127.0.0.1:0", {
    tls: { ...localhost(), ...tls },
    onTlsError: (error) => errors.push(error as TlsError),
  });
  return [server, errors];
}

/** A client that trusts the authority of the tests. */
export function call(
  server: Listener,
  tls: TlsClientOptions = {},
  options: ConnectOptions = {},
): Promise<StreamSocket> {
  return connect(server.getSockName(), {
    timeoutMs: 10_000,
    ...options,
    tls: { ca: authority().cert, serverName: "localhost", ...tls },
  });
}

/** A connected client and its server. */
export async function pair(
  client: TlsClientOptions = {},
  server: Partial<TlsServerOptions> = {},
): Promise<[StreamSocket, StreamSocket]> {
  const [listener] = await serve(server);
  const [connected, [accepted]] = await Promise.all([
    call(listener, client),
    listener.accept(),
  ]);
  await listener.close();
  return [connected, accepted];
}

/** An error as a text: its code, and the alert if there is one. */
export function told(error: unknown): string {
  const { code = "", alert } = error as TlsError;
  assert.equal(
    error instanceof TlsError,
    code.startsWith("TLS_"),
    String(error),
  );
  return alert === undefined ? code : `${code} ${alert}`;
}

/** What a call is refused with, as a text. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return told(error);
  }
  assert.fail("the call succeeded");
}

/** Settles once the predicate holds, looked at in each turn. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Closes all of them. */
export async function closeAll(
  ...sockets: readonly { close(options: object): Promise<void> }[]
): Promise<void> {
  await Promise.all(sockets.map((each) => each.close({ lingerMs: 0 })));
}
