/** What `ss` says of sockets whose options were set. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as a from "../../mod.ts";
import { test } from "../harness.ts";
import { hasProgram } from "../runtimes.ts";

const skip = !hasProgram("ss") && "ss is not installed";

function ss(flags: string, port: number): string {
  const { status, stdout, stderr } = spawnSync(
    "ss",
    [flags, `sport = :${port}`],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  return stdout;
}

function portOf(sock: { getSockName(): a.Address }): number {
  return (sock.getSockName() as { port: number }).port;
}

test("ss shows the timer of a keep-alive when it was switched on", async () => {
  await using server = await a.listen("127.0.0.1:0");
  await using plain = await a.connect(server.getSockName());
  await using kept = await a.connect(server.getSockName(), {
    keepAlive: true,
  });
  assert.doesNotMatch(ss("-tnoe", portOf(plain)), /timer:\(keepalive/);
  assert.match(ss("-tnoe", portOf(kept)), /timer:\(keepalive/);
  kept.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, 0);
  assert.doesNotMatch(ss("-tnoe", portOf(kept)), /timer:\(keepalive/);
}, { skip });

test("ss shows the idle time when it was set before connect", async () => {
  await using server = await a.listen("127.0.0.1:0");
  const sock = a.socket(a.AF_INET);
  const { forcedProbes } = a.currentRuntime();
  sock.setSockOpt(a.IPPROTO_TCP, a.TCP_KEEPIDLE, 50);
  if (forcedProbes !== undefined) {
    sock.setSockOpt(a.IPPROTO_TCP, a.TCP_KEEPINTVL, forcedProbes.interval!);
    sock.setSockOpt(a.IPPROTO_TCP, a.TCP_KEEPCNT, forcedProbes.count!);
  }
  sock.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, 1);
  await sock.connect(server.getSockName());
  assert.match(ss("-tnoe", portOf(sock)), /timer:\(keepalive,(50|4\d)sec/);
  await sock.close();
}, { skip });

test("ss shows the backlog, which is 512 on Bun", async () => {
  await using server = await a.listen("127.0.0.1:0", { backlog: 7 });
  const [, row = ""] = ss("-lnt", portOf(server)).split("\n");
  const sendQueue = Number(row.trim().split(/\s+/)[2]);
  const isBun = a.currentRuntime().name === "bun";
  assert.equal(sendQueue, isBun ? 512 : 7, row);
}, { skip });

for (const flag of [0, 1]) {
  const isRefused = flag === 1 && typeof a.capabilities().ipv6Only === "string";
  test(
    `ss shows v6only:${flag} when IPV6_V6ONLY is ${flag}`,
    async () => {
      const server = a.socket(a.AF_INET6);
      const set = () => server.setSockOpt(a.IPPROTO_IPV6, a.IPV6_V6ONLY, flag);
      if (isRefused) {
        assert.throws(set, { code: "ENOPROTOOPT" });
        return;
      }
      set();
      await server.bind(["::", 0]);
      await server.listen();
      assert.match(ss("-lnte", portOf(server)), new RegExp(`v6only:${flag}`));
      assert.equal(server.getSockOpt(a.IPPROTO_IPV6, a.IPV6_V6ONLY), flag);
      await server.close();
    },
    { skip },
  );
}

test("two sockets share a port when both set SO_REUSEPORT", async () => {
  const first = a.socket(a.AF_INET);
  const set = (sock: a.StreamSocket) =>
    sock.setSockOpt(a.SOL_SOCKET, a.SO_REUSEPORT, 1);
  if (typeof a.capabilities().reusePort === "string") {
    assert.throws(() => set(first), { code: "ENOPROTOOPT" });
    return;
  }
  const second = a.socket(a.AF_INET);
  set(first);
  set(second);
  await first.bind(["127.0.0.1", 0]);
  await first.listen();
  await second.bind(first.getSockName());
  await second.listen();
  assert.equal(portOf(second), portOf(first));
  assert.equal(second.getSockOpt(a.SOL_SOCKET, a.SO_REUSEPORT), 1);
  await Promise.all([first.close(), second.close()]);
});
