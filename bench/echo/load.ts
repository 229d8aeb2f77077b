/**
 * The load generator's command line, run by Bun: compiles `load.c` in memory,
 * runs one measurement and prints it as one line of JSON. With `hold` it
 * keeps the connections open until its standard input ends.
 *
 *     bun bench/echo/load.ts echo|upload|connect|hold|download PORT PID CONNECTIONS BYTES WARM_MS MEASURE_MS
 */

/** What one run of the load generator found. */
export interface Measurement {
  /** Completed operations: echoes, messages one way, or connections. */
  readonly ops: number;
  /** Bytes sent (and echoed and compared where they are), or received. */
  readonly bytes: number;
  /** How long the measured part took. */
  readonly seconds: number;
  /** CPU time of the server's process in that part. */
  readonly serverCpuSeconds: number;
  /** CPU time of the load generator in that part. */
  readonly loadCpuSeconds: number;
  /** Half of the round trips took no longer, µs; only where they are timed. */
  readonly p50Micros?: number;
  /** 99 of 100 round trips took no longer, µs; only where they are timed. */
  readonly p99Micros?: number;
}

/** What the load generator can do, in the order of the numbers in load.c. */
export const loadModes = [
  "echo",
  "upload",
  "connect",
  "hold",
  "download",
] as const;

/** One of {@linkcode loadModes}. */
export type LoadMode = typeof loadModes[number];

interface BunFfi {
  cc(options: { source: URL; symbols: unknown }): {
    symbols: { load(...args: (number | Float64Array)[]): number };
  };
}

async function main(args: readonly string[]): Promise<void> {
  const mode = args[0] as LoadMode;
  const numbers = args.slice(1).map(Number);
  if (
    !loadModes.includes(mode) || numbers.length !== 6 ||
    numbers.some((n) => !Number.isSafeInteger(n))
  ) {
    throw new TypeError(`Bad arguments: ${args.join(" ")}`);
  }
  const name = "bun:ffi";
  const { cc } = await import(name) as BunFfi;
  const i = "int";
  const { symbols } = cc({
    source: new URL("./load.c", import.meta.url),
    symbols: { load: { args: [i, i, i, i, i, i, i, "ptr"], returns: i } },
  });
  const out = new Float64Array(7);
  const failed = symbols.load(loadModes.indexOf(mode), ...numbers, out);
  if (failed !== 0) throw new Error(`The load stopped with errno ${failed}`);
  const [ops = 0, bytes = 0, ns = 0, serverNs = 0, loadNs = 0] = out;
  const [p50 = 0, p99 = 0] = out.subarray(5);
  const result: Measurement = {
    ops,
    bytes,
    seconds: ns / 1e9,
    serverCpuSeconds: serverNs / 1e9,
    loadCpuSeconds: loadNs / 1e9,
    ...(mode === "echo" && { p50Micros: p50 / 1e3, p99Micros: p99 / 1e3 }),
  };
  console.log(JSON.stringify(result));
  if (mode === "hold") { for await (const _ of process.stdin); }
}

if (import.meta.main) await main(process.argv.slice(2));
