/**
 * Services and protocols by name and number.
 *
 * @module
 */

import { show } from "../address.ts";
import { Fault } from "../runtime/seam/fault.ts";
import { ask, type NameOptions, type Query } from "./query.ts";
import { entriesOf, type Entry, isNamed } from "./table.ts";
import { PROTOCOLS, SERVICES } from "./tables.ts";

/**
 * The port of a service, such as 80 of `"http"`. It is read from the system's
 * file of services where that may be read with no question to the user, else
 * from a table of IANA's assignments.
 *
 * @param name its official name or an alias, in its own case
 * @param proto `"tcp"`, `"udp"`…; default: the first entry of any protocol
 * @throws {SocketError} `ENOENT` if there is no such service
 * @throws {TimeoutError} | {BlockingIOError} as `timeoutMs` says
 *
 * @example
 * ```ts
 * import { getServByName } from "@anysock/anysock";
 *
 * console.log(await getServByName("domain", "udp")); // 53
 * ```
 */
export function getServByName(
  name: string,
  proto?: string,
  options: NameOptions = {},
): Promise<number> {
  const op = "getServByName";
  return ask(options, {
    op,
    about: show(name),
    work: async (query) => {
      checkText(name, "A service");
      checkProto(proto);
      const service = findService(await services(query), name, proto);
      if (service === undefined) throw notFound("service/proto");
      return portOf(service);
    },
  });
}

/**
 * The name of the service at a port, such as `"http"` at 80; otherwise as
 * {@linkcode getServByName}.
 *
 * @throws {RangeError} if the port is not 0 to 65,535
 * @throws {SocketError} `ENOENT` if no service has the port
 *
 * @example
 * ```ts
 * import { getServByPort } from "@anysock/anysock";
 *
 * console.log(await getServByPort(443)); // "https"
 * ```
 */
export function getServByPort(
  port: number,
  proto?: string,
  options: NameOptions = {},
): Promise<string> {
  return ask(options, {
    op: "getServByPort",
    about: show(port),
    work: async (query) => {
      checkPort(port);
      checkProto(proto);
      const name = serviceAt(await services(query), port, proto);
      if (name === undefined) throw notFound("port/proto");
      return name;
    },
  });
}

/**
 * The number of a protocol, such as 6 of `"tcp"`. It is read from the system's
 * file of protocols where that may be read with no question to the user, else
 * from a table of IANA's assignments.
 *
 * @param name its official name or an alias, in its own case
 * @throws {SocketError} `ENOENT` if there is no such protocol
 * @throws {TimeoutError} | {BlockingIOError} as `timeoutMs` says
 *
 * @example
 * ```ts
 * import { getProtoByName, IPPROTO_UDP } from "@anysock/anysock";
 *
 * console.log(await getProtoByName("udp") === IPPROTO_UDP); // true
 * ```
 */
export function getProtoByName(
  name: string,
  options: NameOptions = {},
): Promise<number> {
  return ask(options, {
    op: "getProtoByName",
    about: show(name),
    work: async (query) => {
      checkText(name, "A protocol");
      const text = await query.file("protocols") ?? PROTOCOLS;
      const found = entriesOf(text).find((entry) => isNamed(entry, name));
      if (found === undefined) throw notFound("protocol");
      return Number(found.value);
    },
  });
}

/** The services of this system. */
export async function services(query: Query): Promise<readonly Entry[]> {
  return entriesOf(await query.file("services") ?? SERVICES);
}

/** The service of a name; of any protocol where none is given. */
export function findService(
  entries: readonly Entry[],
  name: string,
  proto: string | undefined,
): Entry | undefined {
  return entries.find((entry) => isNamed(entry, name) && isOf(entry, proto));
}

/** The name of the service at a port. */
export function serviceAt(
  entries: readonly Entry[],
  port: number,
  proto: string | undefined,
): string | undefined {
  return entries
    .find((entry) => portOf(entry) === port && isOf(entry, proto))?.name;
}

/** The port of a services entry, whose value is such as `80/tcp`. */
export function portOf(entry: Entry): number {
  return Number(entry.value.split("/")[0]);
}

function isOf(entry: Entry, proto: string | undefined): boolean {
  return proto === undefined || entry.value.split("/")[1] === proto;
}

function notFound(what: string): Fault {
  return new Fault("ENOENT", undefined, `${what} not found`);
}

function checkText(value: unknown, what: string): void {
  if (typeof value === "string") return;
  throw new TypeError(`${what} is named by a string: ${show(value)}`);
}

function checkProto(proto: unknown): void {
  if (proto !== undefined) checkText(proto, "A protocol");
}

/** Throws unless it is a port. */
export function checkPort(port: unknown): void {
  if (typeof port !== "number") {
    throw new TypeError(`A port must be a number: ${show(port)}`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`A port is 0 to 65535: ${port}`);
  }
}
