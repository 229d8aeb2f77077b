/**
 * Libraries that bring their own server, over sockets of ours at one end or at
 * both.
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "../harness.ts";
import { environment, thisRuntime } from "../runtimes.ts";
import { withTempDir } from "../temp.ts";
import { sshServer } from "./server_kinds.ts";
import { missing, NO_SERVER, talk } from "./servers.ts";

test(
  "ws speaks to ws, both over sockets of ours",
  async () => void await talk("ws", NO_SERVER),
  {
    skip: missing(),
    timeoutMs: 60_000,
  },
);

test(
  "undici fetches over sockets of ours",
  async () => void await talk("undici", NO_SERVER),
  {
    skip: missing() ||
      (thisRuntime() === "bun" &&
        "Bun puts its own fetch in the place of undici"),
    timeoutMs: 60_000,
  },
);

test(
  "nodemailer sends over sockets of ours",
  async () => void await talk("nodemailer", NO_SERVER),
  {
    skip: missing(),
    timeoutMs: 60_000,
  },
);

test("ssh2 speaks to ssh2, both over sockets of ours", async () => {
  await withTempDir(async (dir) => {
    const key = join(dir, "key");
    const args = ["-q", "-t", "ecdsa", "-m", "PEM", "-N", "", "-f", key];
    spawnSync("ssh-keygen", args, { env: environment() });
    await talk("ssh2", NO_SERVER, [key]);
  });
}, { skip: missing("ssh-keygen"), timeoutMs: 60_000 });

test("ssh2 speaks to a real sshd over a socket of ours", async () => {
  await withTempDir(async (dir) => {
    const server = await sshServer(dir);
    // Bun's userInfo() is "unknown" where USER is not set.
    const { stdout: user } = spawnSync("id", ["-un"], {
      env: environment(),
      encoding: "utf8",
    });
    await server.start();
    try {
      await talk("sshd", server, [join(dir, "user_key"), user.trim()]);
    } finally {
      await server.stop();
    }
  });
}, { skip: missing("ssh-keygen", "sshd"), timeoutMs: 60_000 });
