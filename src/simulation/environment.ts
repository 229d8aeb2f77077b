/**
 * What the process's environment says: `ANYSOCK_SEED` and `ANYSOCK_RUNS`.
 *
 * @module
 */

interface DenoNamespace {
  readonly permissions: {
    querySync(asked: { name: "env"; variable: string }): { state: string };
  };
  readonly env: { get(name: string): string | undefined };
}

/**
 * A whole number of the environment; `undefined` where it is not set, or where
 * Deno does not permit to read it: nobody is asked.
 *
 * @throws {RangeError} if it is no whole number.
 */
export function numberOf(variable: string): number | undefined {
  const text = read(variable);
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${variable} must be a whole number: ${text}`);
}

function read(variable: string): string | undefined {
  // dnt-shim-ignore
  const { Deno, process } = globalThis as unknown as {
    Deno?: DenoNamespace;
    process?: { env: Readonly<Record<string, string | undefined>> };
  };
  if (Deno === undefined) return process?.env[variable];
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}
