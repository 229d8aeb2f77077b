/**
 * What the servers under test share: the ready line that names port and
 * process, and a control channel on standard input (`gc` collects garbage,
 * the end of input ends the process). Nothing here runs while measuring.
 */

interface Host {
  readonly pid: number;
  readonly stdin: AsyncIterable<Uint8Array>;
  exit(code: number): never;
}

interface Globals {
  readonly Deno?: {
    readonly pid: number;
    readonly args: readonly string[];
    readonly stdin: { readonly readable: AsyncIterable<Uint8Array> };
    exit(code: number): never;
  };
  readonly Bun?: { gc(force: boolean): void };
  readonly process: Host & { readonly argv: readonly string[] };
  readonly gc?: () => void;
}

const globals = globalThis as unknown as Globals;

// On Deno merely touching `process` loads its Node compatibility.
const host: Host = globals.Deno
  ? {
    pid: globals.Deno.pid,
    stdin: globals.Deno.stdin.readable,
    exit: globals.Deno.exit,
  }
  : globals.process;

/** What the server was told on its command line; the load's mode first. */
export const args: readonly string[] = globals.Deno
  ? globals.Deno.args
  : globals.process.argv.slice(2);

/** Whether this server only reads and answers nothing. */
export const isSink: boolean = args[0] === "upload";

/** Whether the first byte asks for message after message, without an end. */
export const isSource: boolean = args[0] === "download";

/** What a source sends. */
export const MESSAGE: Uint8Array = new Uint8Array(65_536).fill(1);

/**
 * The size of a connection's one buffer, for APIs that read into the program's
 * memory: small where connections are made for one small message each.
 */
export const BUFFER_BYTES: number = args[0] === "connect" ? 4_096 : 65_536;

/**
 * What `recv` is asked for: no less than the largest chunk that a runtime
 * gives by itself (Bun), so that chunks are passed on as they came, as they
 * are to the handlers of the native APIs.
 */
export const CHUNK_BYTES = 524_288;

/** Prints the ready line and obeys standard input until it ends. */
export async function ready(port: number): Promise<void> {
  console.log(`ready ${port} ${host.pid}`);
  for await (const _ of host.stdin) {
    for (let i = 0; i < 3; i++) {
      globals.Bun ? globals.Bun.gc(true) : globals.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log("collected");
  }
  host.exit(0);
}
