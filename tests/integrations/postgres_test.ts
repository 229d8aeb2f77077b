/**
 * Clients of PostgreSQL over sockets of ours, against the real server.
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { postgresFolder } from "../framing/real_servers.ts";
import { test } from "../harness.ts";
import { environment, thisRuntime } from "../runtimes.ts";
import { withTempDir } from "../temp.ts";
import { missing, realServer, talk } from "./servers.ts";

const folder = postgresFolder();
const skip = missing() ||
  (folder === undefined && "postgresql is not installed");

/** Why pg's build for Cloudflare cannot be loaded here, if it cannot. */
const noHook = thisRuntime() === "node20" &&
  "Node 20 has no hook that an import meets in the same thread";

/** It refuses to run as root. */
const NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup"];

test("pg and postgres.js speak to a real PostgreSQL", async (t) => {
  await withTempDir(async (dir) => {
    const isRoot = runOrThrow(["id", "-u"]).trim() === "0";
    const as = isRoot ? [...NOBODY, "--clear-groups"] : [];
    if (isRoot) runOrThrow(["chown", "nobody", dir]);
    const data = join(dir, "data");
    runOrThrow([
      ...[...as, join(folder!, "initdb"), "-D", data, "-U", "postgres"],
      ...["-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"],
      "--locale=C",
    ]);
    const server = await realServer((port) => [
      ...[...as, join(folder!, "postgres"), "-D", data, "-p", `${port}`],
      ...["-h", "127.0.0.1", "-F", "-k", ""],
    ], /ready to accept connections/);
    await server.start();
    try {
      await t.step("pg", async () => void await talk("pg", server));
      await t.step("postgres", async () => void await talk("postgres", server));
      if (noHook) return;
      await t.step(
        "pg_cloudflare",
        async () => void await talk("pg_cloudflare", server),
      );
    } finally {
      await server.stop();
    }
  });
}, { skip, timeoutMs: 90_000 });

// The step above is run where it can be; where not, it is seen to be left out.
if (noHook) {
  test("pg's build for Cloudflare speaks to it, too", () => {}, {
    skip: noHook,
  });
}

function runOrThrow(command: readonly string[]): string {
  const [program = "", ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: "/",
    env: environment(),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${program}: ${error ?? stderr}`);
  return stdout;
}
