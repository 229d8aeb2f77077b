/**
 * Errors on their way from a worker, which copies of messages would strip of
 * their classes.
 *
 * @module
 */

import { show } from "../../address.ts";
import { SocketError, socketError } from "../../errors.ts";

/** An error that can be copied. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** What a `SocketError` knows besides. */
  readonly socket:
    | Pick<SocketError, "code" | "op" | "address" | "bytesSent" | "index">
    | undefined;
}

/** What was thrown, made ready to be sent. */
export function toSent(error: unknown): SentError {
  if (!(error instanceof Error)) {
    const message = typeof error === "string" ? error : show(error);
    return { name: "Error", message, stack: undefined, socket: undefined };
  }
  const { name, message, stack } = error;
  if (!(error instanceof SocketError)) {
    return { name, message, stack, socket: undefined };
  }
  const { code, op, address, bytesSent, index } = error;
  const socket = { code, op, address, bytesSent, index };
  return { name, message, stack, socket };
}

/** The classes of the language that keep their own. */
const CLASSES: Readonly<Record<string, new (message: string) => Error>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
};

/** What was sent, as an error of its class again. */
export function fromSent(sent: SentError): Error {
  const { name, message, stack, socket } = sent;
  const error = socket === undefined
    ? new (CLASSES[name] ?? Error)(message)
    : socketError(socket.code, socket);
  const put = (key: string, value: unknown) =>
    Object.defineProperty(error, key, {
      value,
      configurable: true,
      writable: true,
    });
  put("message", message);
  if (error.name !== name) put("name", name);
  if (stack !== undefined) put("stack", stack);
  return error;
}
