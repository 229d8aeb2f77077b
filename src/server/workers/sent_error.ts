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

/**
 * What was thrown, made ready to be sent: it may be anything, such as an object
 * that fails when it is looked at.
 */
export function toSent(error: unknown): SentError {
  try {
    return read(error);
  } catch {
    return plain("something was thrown that cannot be told");
  }
}

function plain(message: string): SentError {
  return { name: "Error", message, stack: undefined, socket: undefined };
}

function read(error: unknown): SentError {
  if (!(error instanceof Error)) return plain(textOf(error));
  const { stack } = error;
  const sent = {
    name: textOf(error.name),
    message: textOf(error.message),
    stack: stack === undefined ? undefined : textOf(stack),
  };
  if (!(error instanceof SocketError)) return { ...sent, socket: undefined };
  const { code, op, address, bytesSent, index } = error;
  return { ...sent, socket: { code, op, address, bytesSent, index } };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : show(value);
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
