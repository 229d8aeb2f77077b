/** One server under one load: starting both, and reading the answer. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RuntimeName } from "../../tests/runtimes.ts";
import type { Measurement } from "../echo/load.ts";
import { type Child, startOn } from "../lib/children.ts";
import { residentBytes } from "../lib/machine.ts";
import { needed } from "../lib/runtimes.ts";
import type { Case, ServerName } from "./cases.ts";

const TIMEOUT_MS = 20_000;
/** How long the load runs before it counts, so that the JIT has settled. */
const WARM_MS = 1_000;

/** A folder with a certificate of an ECDSA key, until the process ends. */
export function makeCertificate(): string {
  const folder = mkdtempSync(join(tmpdir(), "anysock-bench-tls-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"],
      ...["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=localhost"],
      ...["-keyout", "key.pem", "-out", "cert.pem"],
    ],
    { cwd: folder, stdio: "pipe" },
  );
  return folder;
}

/** A server under test that is ready. */
export interface Server {
  readonly child: Child;
  readonly port: number;
  readonly pid: number;
}

/** Starts a server and waits until it listens. */
export async function startServer(
  name: RuntimeName,
  script: string,
  load: Case,
  folder: string,
  server: ServerName,
): Promise<Server> {
  const runtime = needed(name);
  const flags = load.mode === "hold" ? gcFlags(name) : [];
  const child = startOn(
    { ...runtime, args: [...runtime.args, ...flags] },
    script,
    [load.mode, folder, server],
  );
  try {
    const line = await child.nextLine(TIMEOUT_MS);
    const [, port, pid] = /^ready (\d+) (\d+)$/.exec(line) ?? [];
    if (!port) throw new Error(`It said ${JSON.stringify(line)}`);
    return { child, port: Number(port), pid: Number(pid) };
  } catch (error) {
    await child.kill();
    throw error;
  }
}

function gcFlags(name: RuntimeName): string[] {
  if (name === "bun") return [];
  return [name === "deno" ? "--v8-flags=--expose-gc" : "--expose-gc"];
}

/** Runs the load generator once against a server. */
export async function measure(
  server: Server,
  load: Case,
  seconds: number,
): Promise<Measurement> {
  const child = startLoad(server, load, seconds);
  try {
    const line = await child.nextLine(seconds * 1000 + TIMEOUT_MS);
    return JSON.parse(line) as Measurement;
  } finally {
    await child.kill();
  }
}

/** Bytes of server memory for each of the connections it holds. */
export async function measureIdle(server: Server, load: Case): Promise<number> {
  // First a few, so that code and pools are there before counting begins.
  await held(server, { ...load, connections: 100 }, () => {});
  const before = await collected(server);
  let after = 0;
  await held(server, load, async () => {
    after = await collected(server);
  });
  return (after - before) / load.connections;
}

async function held(
  server: Server,
  load: Case,
  meanwhile: () => void | Promise<void>,
): Promise<void> {
  const child = startLoad(server, load, 0);
  try {
    await child.nextLine(TIMEOUT_MS);
    await meanwhile();
  } finally {
    await child.kill();
  }
}

async function collected(server: Server): Promise<number> {
  server.child.say("gc");
  await server.child.nextLine(TIMEOUT_MS);
  return residentBytes(server.pid);
}

function startLoad(server: Server, load: Case, seconds: number): Child {
  return startOn(needed("node26"), "bench/tls/load.ts", [
    ...[load.mode, server.port, server.pid, load.connections, load.bytes],
    ...[WARM_MS, Math.round(seconds * 1000)],
  ]);
}
