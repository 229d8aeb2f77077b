/**
 * Asking for permission to bind.
 *
 * @module
 */

import { Fault } from "../seam/fault.ts";
import { nodeHost } from "./native.ts";
import { quirks } from "./quirks.ts";

interface Permissions {
  readonly Deno?: {
    readonly permissions: {
      requestSync(asked: { name: "net"; host: string }): { state: string };
      querySync(asked: Asked): { state: string };
    };
  };
  readonly process?: {
    readonly permission?: { has(scope: string, path?: string): boolean };
  };
}

/** What Deno is asked about without asking the user. */
type Asked =
  | { readonly name: "sys"; readonly kind: string }
  | { readonly name: "net"; readonly host: string }
  | { readonly name: "read" | "write"; readonly path: string };

/**
 * Throws a Fault `EPERM`, of the local address, unless the program may bind to
 * it, be it to listen or before it connects. Deno asks the user as it would
 * have done then.
 */
export function demandBinding(hostname: string, port: number): void {
  if (mayBind(hostname, port)) return;
  const flag = quirks().asksToBind === "deno"
    ? `--allow-net=${bracketed(hostname)}:${port}`
    : "--allow-net";
  const reason = `${nodeHost().label} was not given ${flag}`;
  throw new Fault("EPERM", undefined, reason, true);
}

function mayBind(hostname: string, port: number): boolean {
  const { asksToBind } = quirks();
  if (asksToBind === undefined) return true;
  // dnt-shim-ignore
  const { Deno, process } = globalThis as unknown as Permissions;
  if (asksToBind === "node") return process?.permission?.has("net") ?? true;
  const host = `${bracketed(hostname)}:${port}`;
  const { state } = Deno!.permissions.requestSync({ name: "net", host });
  return state === "granted";
}

/** Whether the interfaces may be listed with no question to the user. */
export function mayListInterfaces(): boolean {
  // dnt-shim-ignore
  const { Deno } = globalThis as unknown as Permissions;
  if (Deno === undefined) return true;
  const asked = { name: "sys", kind: "networkInterfaces" } as const;
  return Deno.permissions.querySync(asked).state === "granted";
}

/**
 * Whether a Unix socket may be made under a name and moved, with no question
 * to the user.
 */
export function mayMakeSocketAt(path: string): boolean {
  // dnt-shim-ignore
  const host = globalThis as unknown as Permissions;
  // Asked first: on Deno merely touching `process` costs 12 ms.
  const { Deno } = host;
  if (Deno === undefined) {
    const permission = host.process?.permission;
    return permission === undefined ||
      (permission.has("fs.read", path) && permission.has("fs.write", path));
  }
  const may = (asked: Asked) =>
    Deno.permissions.querySync(asked).state === "granted";
  return may({ name: "read", path }) && may({ name: "write", path }) &&
    maySpeakAt(path, may);
}

function maySpeakAt(path: string, may: (asked: Asked) => boolean): boolean {
  try {
    return may({ name: "net", host: `unix:${path}` });
  } catch {
    // Deno before 2.5 has no such permission.
    return true;
  }
}

function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
