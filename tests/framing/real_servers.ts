/** Servers from the system's packages, each with a folder and port of its own. */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Program, watch } from "../examples/programs.ts";
import { environment, hasProgram } from "../runtimes.ts";
import { reservedPort } from "../support/reserved_port.ts";

/** Why a program cannot be tested with here, or `false`. */
export function missing(...programs: string[]): string | false {
  const program = programs.find((each) => !hasProgram(each));
  return program === undefined ? false : `${program} is not installed`;
}

/** Runs a server while `fn` does; `ready` is what it says when it is ready. */
async function withServer(
  command: readonly string[],
  ready: RegExp,
  fn: () => Promise<void>,
): Promise<void> {
  // Both outputs as one: each server says it on another.
  const child = spawn("sh", ["-c", 'exec "$@" 2>&1', "sh", ...command], {
    cwd: "/",
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const server: Program = watch(child);
  try {
    await server.printed(ready);
    await fn();
  } finally {
    child.kill("SIGINT");
    await server.ended;
  }
}

/** The files of a server with TLS, as PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** What it verifies its clients by. */
  readonly ca: string;
}

/** A redis-server that keeps nothing; with TLS it wants to know its clients. */
export async function withRedis(
  dir: string,
  fn: (port: number) => Promise<void>,
  tls?: TlsFiles,
): Promise<void> {
  const port = await reservedPort();
  const options = ["--bind", "127.0.0.1", "--save", "", "--dir", dir];
  const listening = tls === undefined ? ["--port", `${port}`] : [
    ...["--port", "0", "--tls-port", `${port}`, "--tls-cert-file", tls.cert],
    ...["--tls-key-file", tls.key, "--tls-ca-cert-file", tls.ca],
  ];
  await withServer(
    ["redis-server", ...listening, ...options],
    /Ready to accept connections/,
    () => fn(port),
  );
}

/** A memcached of 16 MiB. */
export async function withMemcached(
  fn: (port: number) => Promise<void>,
): Promise<void> {
  const port = await reservedPort();
  const user = isRoot() ? ["-u", "nobody"] : [];
  const options = ["-l", "127.0.0.1", "-U", "0", "-m", "16", "-vv"];
  await withServer(
    ["memcached", "-p", `${port}`, ...options, ...user],
    /server listening/,
    () => fn(port),
  );
}

/** Asked of `id`: Deno wants a permission for `process.getuid`. */
function isRoot(): boolean {
  return spawnSync("id", ["-u"], { encoding: "utf8" }).stdout.trim() === "0";
}

const POSTGRES = "/usr/lib/postgresql";

/** The folder of PostgreSQL's programs: Debian keeps them off the PATH. */
export function postgresFolder(): string | undefined {
  const versions = existsSync(POSTGRES) ? readdirSync(POSTGRES) : [];
  return versions.sort((a, b) => Number(b) - Number(a))
    .map((version) => join(POSTGRES, version, "bin"))
    .find((folder) => existsSync(join(folder, "initdb")));
}

/**
 * A PostgreSQL server with the user postgres, who needs no password; with TLS
 * it lets nobody in without.
 */
export async function withPostgres(
  dir: string,
  fn: (port: number) => Promise<void>,
  tls?: TlsFiles,
): Promise<void> {
  const folder = postgresFolder() ?? "";
  // It refuses to run as root.
  const as = isRoot()
    ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    : [];
  if (isRoot()) runOrThrow(["chown", "-R", "nobody", dir]);
  const data = join(dir, "data");
  runOrThrow([
    ...as,
    join(folder, "initdb"),
    ...["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"],
    ...["--no-sync", "--no-instructions", "--locale=C"],
  ]);
  if (tls !== undefined) {
    writeFileSync(join(data, "pg_hba.conf"), "hostssl all all all trust\n");
  }
  const port = await reservedPort();
  await withServer(
    [
      ...as,
      join(folder, "postgres"),
      ...["-D", data, "-p", `${port}`, "-h", "127.0.0.1", "-F"],
      // No socket in a folder of the system's.
      ...["-k", ""],
      ...(tls === undefined ? [] : [
        ...["-c", "ssl=on", "-c", `ssl_cert_file=${tls.cert}`],
        ...["-c", `ssl_key_file=${tls.key}`],
      ]),
    ],
    /ready to accept connections/,
    () => fn(port),
  );
}

function runOrThrow(command: readonly string[]): void {
  const [program = "", ...args] = command;
  const { status, stderr, error } = spawnSync(program, args, {
    cwd: "/",
    env: environment(),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${program}: ${error ?? stderr}`);
}
