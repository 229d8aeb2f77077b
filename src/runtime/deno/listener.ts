/**
 * A listener of Deno's: at most one accept stands, which `resume()` makes.
 *
 * @module
 */

import { atMicrotask } from "../../turn.ts";
import type { Address, HostAndPort } from "../../contracts.ts";
import type { ListenerSink, RawListener } from "../seam/stream.ts";
import { zonedEnd } from "../node/sender_zones.ts";
import type { OwnPath } from "../own_path.ts";
import type { Fault } from "../seam/fault.ts";
import { toAddress } from "./addresses.ts";
import { toFault } from "./error_mapping.ts";
import type { DenoConn, DenoListener } from "./native.ts";
import { DenoStream } from "./stream.ts";

/** Codes of `accept` that speak of one connection, not of the listener. */
const GONE_BEFORE_ACCEPT: ReadonlySet<string> = new Set([
  "ECONNABORTED",
  "ECONNRESET",
  "ENOTCONN",
  "EPROTO",
]);

/** The driver of one listener. */
export class DenoAcceptor implements RawListener {
  readonly localAddress: Address;
  readonly #listener: DenoListener;
  readonly #path: OwnPath | undefined;
  #sink: ListenerSink | undefined;
  #isAccepting = false;
  #isClosed = false;

  /** Takes charge of a listener, and of a path that is its own. */
  constructor(
    listener: DenoListener,
    asked: Address | HostAndPort,
    path: OwnPath | undefined,
  ) {
    this.#listener = listener;
    this.#path = path;
    // Deno tells the name that it was made under, and no zone.
    this.localAddress = "path" in asked
      ? asked
      : zonedEnd(toAddress(listener.addr), asked) ??
        asked as Address;
  }

  attach(sink: ListenerSink): void {
    this.#sink = sink;
  }

  resume(): void {
    if (this.#isAccepting || this.#isClosed) return;
    this.#isAccepting = true;
    void this.#accept();
  }

  async #accept(): Promise<void> {
    let conn: DenoConn | undefined;
    let fault: Fault | undefined;
    do {
      fault = undefined;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        fault = toFault(error);
      }
      // The peer reset before it was accepted: that is nobody's failure.
    } while (fault !== undefined && GONE_BEFORE_ACCEPT.has(fault.code));
    this.#isAccepting = false;
    // It was accepted when the close was on its way: whose it is, is not for
    // a driver to say.
    if (conn !== undefined) this.#deliver(conn);
    if (this.#isClosed) this.#sink?.closed();
    else if (fault !== undefined) this.#sink?.failed(fault);
  }

  #deliver(conn: DenoConn): void {
    let stream: DenoStream;
    try {
      stream = new DenoStream(conn, { local: this.localAddress });
    } catch {
      // Reset since: setting TCP_NODELAY failed. Dropped unseen, like one
      // that was reset before `accept`.
      conn.close();
      return this.resume();
    }
    this.#sink?.connection(stream);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#path?.remove();
    this.#listener.close();
    if (!this.#isAccepting) atMicrotask(() => this.#sink?.closed());
  }

  ref(flag: boolean): void {
    if (flag) this.#listener.ref();
    else this.#listener.unref();
  }
}
