/** The examples against the real servers, compared with their own clients. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { call, startProgram, watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { environment } from "../runtimes.ts";
import { withTempDir } from "../temp.ts";
import {
  missing,
  postgresFolder,
  withMemcached,
  withPostgres,
  withRedis,
} from "./real_servers.ts";

const timeoutMs = 60_000;

async function run(script: string, ...args: string[]): Promise<string> {
  const program = startProgram(script, ...args);
  const { code, stdout, stderr } = await program.ended;
  assert.equal(stderr, "");
  assert.equal(code, 0);
  return stdout;
}

/** What the server's own client prints. */
async function client(
  command: string,
  args: string[],
  input = "",
): Promise<string> {
  const child = spawn(command, args, { env: environment() });
  const program = watch(child);
  child.stdin.end(input);
  const { code, stdout, stderr } = await program.ended;
  assert.equal(stderr, "");
  assert.equal(code, 0);
  return stdout;
}

const COMMANDS = [
  "SET greeting Grüße",
  "GET greeting",
  "GET nothing",
  "INCR counter",
  "INCRBY counter 41",
  "RPUSH list a bb ccc",
  "LRANGE list 0 -1",
  "LRANGE none 0 -1",
  "HSET hash field value",
  "HGETALL hash",
  `SET large ${"x".repeat(100_000)}`,
  "GET large",
  "PING",
];

test("examples/redis prints what redis-cli prints", async () => {
  await withTempDir((dir) =>
    withRedis(dir, async (port) => {
      const ours = await run("examples/redis.ts", `${port}`, ...COMMANDS);
      const flush = ["-p", `${port}`, "FLUSHALL"];
      assert.equal(await client("redis-cli", flush), "OK\n");
      const input = COMMANDS.map((command) => `${command}\n`).join("");
      assert.equal(ours, await client("redis-cli", ["-p", `${port}`], input));
      assert.ok(ours.includes("Grüße") && ours.length > 100_000);
      const error = await run("examples/redis.ts", `${port}`, "FOO");
      assert.match(error, /^ERR unknown command 'FOO'/);
    })
  );
}, { skip: missing("redis-server", "redis-cli"), timeoutMs });

test("examples/memcached stores what the text protocol reads", async () => {
  await withMemcached(async (port) => {
    const value = `Grüße ${"y".repeat(50_000)}`;
    const { length } = new TextEncoder().encode(value);
    const ours = await run("examples/memcached.ts", `${port}`, "key", value);
    assert.equal(ours, `STORED\n${value}\n`);
    const peer = await call(port);
    peer.socket.write("get key\r\nquit\r\n");
    assert.equal(
      await peer.all,
      `VALUE key 0 ${length}\r\n${value}\r\nEND\r\n`,
    );
  });
}, { skip: missing("memcached"), timeoutMs });

const QUERIES = [
  "SELECT 1, 'two', NULL, 3.50",
  "SELECT n, repeat('ü', n) FROM generate_series(1, 500) AS n",
  "SELECT repeat('z', 200000)",
  "SELECT 1 WHERE false",
];

test("examples/postgres prints what psql prints", async () => {
  await withTempDir((dir) =>
    withPostgres(dir, async (port) => {
      for (const sql of QUERIES) {
        const args = [`${port}`, "postgres", sql];
        const ours = await run("examples/postgres.ts", ...args);
        const theirs = await client("psql", [
          ...["-X", "-At", "-h", "127.0.0.1", "-p", `${port}`],
          ...["-U", "postgres", "-c", sql],
        ]);
        assert.equal(ours, theirs);
      }
    })
  );
}, {
  skip: postgresFolder() === undefined
    ? "PostgreSQL is not installed"
    : missing("psql"),
  timeoutMs,
});
