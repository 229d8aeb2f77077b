/**
 * The one table from Bun's errors to C codes, and the codes that Bun hides.
 *
 * @module
 */

import type { Address, HostAndPort } from "../../contracts.ts";
import { hostText } from "../node/addresses.ts";
import { Fault } from "../runtime.ts";
import { bun, type NodeProcess } from "./native.ts";

/** Codes that are not C's. */
const CODES: Readonly<Record<string, string>> = {
  ENOTFOUND: "EAI_NONAME",
  ERR_OUT_OF_RANGE: "EINVAL",
};

/** Texts of failures that carry no code. */
const MESSAGE_CODES: readonly (readonly [RegExp, string])[] = [
  // A numeric address that `getaddrinfo` refuses: its zone is unknown.
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
 * asked again of the kernel: of a path its `access`, of a host its route.
 */
export async function toConnectFault(
  error: unknown,
  address: Address | HostAndPort,
): Promise<Fault> {
  const fault = toFault(error);
  if (fault.code !== "ECONNREFUSED") return fault;
  const hidden = "path" in address
    ? pathCode(address.path)
    : await routeCode(address);
  return hidden === undefined ? fault : new Fault(hidden, fault.cause);
}

function pathCode(path: string): string | undefined {
  if (path.startsWith("\0")) return undefined;
  // dnt-shim-ignore
  const { process } = globalThis as unknown as { process: NodeProcess };
  const { accessSync, constants } = process.getBuiltinModule("node:fs");
  try {
    accessSync(path, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
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
