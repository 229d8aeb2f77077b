/**
 * Clients of PostgreSQL over sockets of ours, against the real server.
 */

import { postgresFolder } from "../framing/real_servers.ts";
import { test } from "../harness.ts";
import { lackOfOpenssl } from "../support/certificates.ts";
import { withTempDir } from "../temp.ts";
import { postgresServer, tlsFilesIn } from "./server_kinds.ts";
import { missing, talk } from "./servers.ts";

const skip = missing() || (lackOfOpenssl() ?? false) ||
  (postgresFolder() === undefined && "postgresql is not installed");

test("clients of PostgreSQL speak to the real one", async (t) => {
  await withTempDir(async (dir) => {
    const tls = tlsFilesIn(dir);
    const server = await postgresServer(dir, tls);
    await server.start();
    const step = (name: string, ...args: string[]) =>
      t.step(name, async () => void await talk(name, server, args));
    try {
      await step("pg");
      await step("postgres");
      await step("pg_cloudflare");
      await step("postgres_cloudflare");
      await step("secure", "pg", tls.ca);
    } finally {
      await server.stop();
    }
  });
}, { skip, timeoutMs: 120_000 });
