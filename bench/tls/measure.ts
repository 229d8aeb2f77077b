/** The load of the TLS benchmark on one server, and its certificate. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Measurement } from "../echo/load.ts";
import { type Child, startOn } from "../lib/children.ts";
import { warmUpMs } from "../lib/rounds.ts";
import { needed } from "../lib/runtimes.ts";
import { answerOf, idleBytes, type Server } from "../lib/server_under_load.ts";
import type { Case } from "./cases.ts";

/**
 * After this time the JIT has settled, whose threads are counted. There are a
 * hundred times fewer handshakes in a second than echoes.
 */
const WARM_MS = { handshakes: 3_000, others: 2_000 };

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

/** Runs the load generator once against a server. */
export function measure(
  server: Server,
  load: Case,
  seconds: number,
): Promise<Measurement> {
  return answerOf(startLoad(server, load, seconds), seconds);
}

/** Bytes of server memory for each of the connections it holds. */
export function measureIdle(server: Server, load: Case): Promise<number> {
  const start = (connections: number) =>
    startLoad(server, { ...load, connections }, 0);
  return idleBytes(server, start, 100, load.connections);
}

function startLoad(server: Server, load: Case, seconds: number): Child {
  return startOn(needed("node26"), "bench/tls/load.ts", [
    ...[load.mode, server.port, server.pid, load.connections, load.bytes],
    warmUpMs(
      load.mode === "connect" ? WARM_MS.handshakes : WARM_MS.others,
      seconds,
    ),
    Math.round(seconds * 1000),
  ]);
}
