/**
 * The one table from Bun's errors to C codes, and the codes that Bun hides.
 *
 * @module
 */

import type { Address, HostAndPort } from "../../contracts.ts";
import { builtin } from "../node/builtins.ts";
import { hostText } from "../node/addresses.ts";
import { isMadeFor } from "../path_claim.ts";
import { Fault } from "../seam/fault.ts";
import { bun, type FsModule } from "./native.ts";

/** Codes that are not C's. */
const CODES: Readonly<Record<string, string>> = {
  ENOTFOUND: "EAI_NONAME",
  ERR_OUT_OF_RANGE: "EINVAL",
};

/** Texts of failures that carry no code. */
const MESSAGE_CODES: readonly (readonly [RegExp, string])[] = [
  // A numeric address that `getaddrinfo` refuses, or no descriptor is left.
  [/^Failed to listen at/, "EINVAL"],
];

/** What an error of Bun means. By `code`: the sign of `errno` varies. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, message = "" } = error as { code?: string; message?: string };
  const known = code === undefined
    ? MESSAGE_CODES.find(([pattern]) => pattern.test(message))?.[1]
    : CODES[code] ?? (/^E(?!RR_)/.test(code) ? code : undefined);
  return known === undefined
    ? new Fault("EIO", error, message)
    : new Fault(known, error);
}

/**
 * Bun says ECONNREFUSED for most failures of a connect. What was hidden is
 * asked again of the kernel: whether there are descriptors left, the way to a
 * path and its queue, the route to a host.
 */
export async function toConnectFault(
  error: unknown,
  address: Address | HostAndPort,
): Promise<Fault> {
  const fault = toFault(error);
  if (fault.code !== "ECONNREFUSED") return fault;
  const hidden = descriptorCode() ??
    ("path" in address ? pathCode(address.path) : await routeCode(address));
  return hidden === undefined ? fault : new Fault(hidden, fault.cause);
}

/** Bun gives no code for lack of descriptors when it listens, either. */
export function toListenFault(error: unknown): Fault {
  const fault = toFault(error);
  if (fault.code !== "EINVAL") return fault;
  const hidden = descriptorCode();
  return hidden === undefined ? fault : new Fault(hidden, fault.cause);
}

/** `EMFILE` or `ENFILE` if no descriptor is left. */
function descriptorCode(): string | undefined {
  const { closeSync, openSync } = fs();
  try {
    closeSync(openSync("/", "r"));
    return undefined;
  } catch (error) {
    const { code } = error as { code?: string };
    return code === "EMFILE" || code === "ENFILE" ? code : undefined;
  }
}

function pathCode(path: string): string | undefined {
  const { accessSync, constants, readFileSync } = fs();
  const isAbstract = path.startsWith("\0");
  try {
    if (!isAbstract) accessSync(path, constants.W_OK);
  } catch (error) {
    return (error as { code?: string }).code;
  }
  try {
    const table = readFileSync("/proc/net/unix", "utf8");
    return isListening(path, table) ? "EAGAIN" : undefined;
  } catch {
    // Not Linux: there a full queue of connections is a refusal.
    return undefined;
  }
}

/** Whether somebody listens, so that it is the queue that is full. */
function isListening(path: string, table: string): boolean {
  const shown = path.replaceAll("\0", "@");
  return table.split("\n").some((line) => {
    const name = LISTENING.exec(line)?.[1];
    return name === shown || (name !== undefined && isMadeFor(name, path));
  });
}

/** Flags, of which this is SO_ACCEPTCON, type, state, inode, name. */
const LISTENING = / 00010000 0001 \d+ +\d+ (.+)$/;

function fs(): FsModule {
  return builtin<FsModule>("node:fs");
}

/** Nothing is sent: connecting a datagram socket only looks up the route. */
async function routeCode(address: HostAndPort): Promise<string | undefined> {
  const { hostname } = address;
  if (/^(127\.|::1$|0\.0\.0\.0$|::$)/.test(hostname)) return undefined;
  // TCP has no multicast; a datagram socket has.
  if (/^(22[4-9]|23\d)\.|^ff[\da-f]{2}:/i.test(hostname)) return "ENETUNREACH";
  try {
    const probe = await bun().udpSocket({
      hostname: hostname.includes(":") ? "::" : "0.0.0.0",
      connect: { hostname: hostText(address), port: address.port || 9 },
      socket: { data(): void {}, error(): void {} },
    });
    probe.close();
    return undefined;
  } catch (error) {
    return ROUTE_CODES[(error as { code?: string }).code ?? ""];
  }
}

/** A datagram socket may not broadcast; TCP knows no way to do it. */
const ROUTE_CODES: Readonly<Record<string, string>> = {
  EACCES: "ENETUNREACH",
  EHOSTUNREACH: "EHOSTUNREACH",
  ENETUNREACH: "ENETUNREACH",
};
