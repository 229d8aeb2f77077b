/**
 * What was set on a stream socket, and the failures that it has to tell.
 *
 * @module
 */

import type { Fault } from "../../runtime/seam/fault.ts";
import { withErrors } from "../options/calls.ts";
import type {
  OptionHolder,
  StreamOptionsInit,
} from "../options/stream_options.ts";
import { StreamOptions } from "../options/stream_options.ts";
import type { EndpointOptions } from "./opening.ts";
import { PendingError } from "./pending_error.ts";

/** Whose settings they are. */
export interface SettingsOwner {
  /** The connection, if there is one. */
  readonly connection: { readonly fault: Fault | undefined } | undefined;
}

type Init = Omit<StreamOptionsInit, "takeError">;

/** The settings of a stream socket, made where something is set or asked. */
export class StreamSettings {
  readonly #init: Init;
  readonly #owner: SettingsOwner;
  #options: StreamOptions | undefined;
  #pending: PendingError | undefined;

  /** Nothing is set yet, but for what `init` says. */
  constructor(init: Init, owner: SettingsOwner) {
    this.#init = init;
    this.#owner = owner;
  }

  // ---- options

  /** The options, of what the socket has become if it has. */
  options(holder: OptionHolder | undefined): StreamOptions {
    if (this.#options !== undefined) return this.#options;
    const takeError = () => this.#takeError();
    const options = new StreamOptions({ ...this.#init, takeError });
    if (holder !== undefined) options.opened(holder);
    return this.#options = options;
  }

  /** What has to be said before the connection or listener exists. */
  get ahead(): EndpointOptions {
    return this.#options?.endpoint() ?? this.#init;
  }

  /** Throws for what was set and no connection can have. */
  demandConnectable(): void {
    withErrors("connect", undefined, () => this.#options?.demandConnectable());
  }

  /** Sets what was asked for before; throws for what cannot be. */
  opened(holder: OptionHolder): void {
    this.#options?.opened(holder);
  }

  /** What was set on a listener holds for the connection it accepted. */
  inherit(listener: StreamSettings, connection: OptionHolder): void {
    if (listener.#options === undefined) return;
    const takeError = () => this.#takeError();
    this.#options = listener.#options.accepted(connection, takeError);
  }

  /** How long `close` may take unless told, in milliseconds. */
  get lingerMs(): number | undefined {
    return this.#options?.lingerMs;
  }

  /** Whether every close sends RST. */
  get closesWithReset(): boolean {
    return this.#options?.closesWithReset === true;
  }

  // ---- failures

  /** Whether a connect failed whose error nobody has asked for. */
  get hasError(): boolean {
    return this.#pending?.isSet === true;
  }

  /** Throws the failure of a connect, if it is still to be told. */
  raiseError(): void {
    this.#pending?.raise();
  }

  /** A connect failed that nobody waits for. */
  connectFailed(error: unknown): void {
    this.#pendingError.connectFailed(error);
  }

  get #pendingError(): PendingError {
    return this.#pending ??= new PendingError();
  }

  /** The failure to be told next, as an `errno`; each is told once. */
  #takeError(): number {
    return this.#pendingError.takeErrno(this.#owner.connection?.fault);
  }
}
