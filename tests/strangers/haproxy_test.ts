/**
 * A real HAProxy before our servers: headers in both versions, health checks
 * that speak for the proxy itself, and TLS, passed on and ended there.
 */

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  connect,
  formatAddress,
  SHUT_WR,
  type StreamSocket,
} from "../../mod.ts";
import {
  type ConnectionContext,
  serve,
  type ServeOptions,
  type Server,
} from "../../src/server/mod.ts";
import { test } from "../harness.ts";
import { until } from "../server/support.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { reservedPort } from "../support/reserved_port.ts";
import { withTempDir } from "../temp.ts";
import { missing, withProgram } from "./programs.ts";

const skip = missing("haproxy") || lackOfOpenssl() || false;

/** A server behind it, and whom its handler was called for. */
class Backend {
  /** Health checks that lived to be read. */
  readonly checks: ConnectionContext[] = [];
  readonly clients: ConnectionContext[] = [];
  readonly errors: unknown[] = [];
  readonly server: Promise<Server>;

  constructor(options: ServeOptions = {}) {
    this.server = serve("127.0.0.1:0", (...each) => this.#answer(...each), {
      proxyProtocol: { from: ["127.0.0.1"] },
      onError: (error) => this.errors.push(error),
      ...options,
    });
  }

  async #answer(
    connection: StreamSocket,
    context: ConnectionContext,
  ): Promise<void> {
    const isLocal = context.proxy?.command === "local";
    if (isLocal) this.checks.push(context);
    // A check that has seen enough leaves with a reset.
    const received = connection.recv();
    const bytes = await (isLocal ? received.catch(() => null) : received);
    const text = new TextDecoder().decode(bytes ?? undefined);
    if (text !== "hello") {
      if (!isLocal) this.checks.push(context);
      if (text !== "") await connection.sendAll("well");
      return;
    }
    this.clients.push(context);
    const who = `${formatAddress(context.address)} ${context.proxy?.version}`;
    await connection.sendAll(`${who} ${connection.tls?.protocol} ${text}`);
  }

  async port(): Promise<number> {
    const { address } = await this.server;
    return address.family === "unix" ? 0 : address.port;
  }

  /** How many health checks have come in a version. */
  checksOf(version: 1 | 2): number {
    return this.checks.filter(({ proxy }) => proxy?.version === version).length;
  }
}

interface Ports {
  readonly v1: number;
  readonly v2: number;
  readonly passed: number;
  readonly ended: number;
}

function config(
  dir: string,
  ports: Ports,
  plain: number,
  tls: number,
): string {
  // The first handshake loads the engine.
  const part = (name: keyof Ports, bind: string, server: string) => `
listen ${name}
  bind 127.0.0.1:${ports[name]} ${bind}
  default-server inter ${name === "passed" ? "5s" : "200ms"}
  server ours 127.0.0.1:${server} check check-send-proxy
`;
  const asks = `
  option tcp-check
  tcp-check send "how are you?"
  tcp-check expect string well
`;
  const fields = "proxy-v2-options crc32c,unique-id,authority";
  return `
global
  log stdout format raw local0
  hard-stop-after 200ms
defaults
  mode tcp
  log global
  unique-id-format anysock-%ci
  timeout connect 5s
  timeout check 5s
  timeout client 10s
  timeout server 10s
${part("v1", "", `${plain} send-proxy`)} ${asks}
${part("v2", "", `${plain} send-proxy-v2 ${fields}`)} ${asks}
${part("passed", "", `${tls} send-proxy-v2 check-ssl verify none`)}
${
    part(
      "ended",
      `ssl crt ${dir}/pair.pem alpn echo`,
      `${plain} send-proxy-v2-ssl-cn ${fields},ssl,cert-cn`,
    )
  }
`;
}

async function exchange(client: StreamSocket): Promise<string> {
  await client.sendAll("hello");
  // The end of one direction leaves the other open, but not in Bun's TLS.
  if (client.tls === undefined) await client.shutdown(SHUT_WR);
  const file = client.makeFile("r", { encoding: "utf-8" });
  const text = await file.read() ?? "";
  await file.close();
  return text;
}

test("haproxy says who its clients are, and asks how we are", async () => {
  const plain = new Backend();
  const tls = new Backend({ tls: { ...localhost() } });
  const ports = {
    v1: await reservedPort(),
    v2: await reservedPort(),
    passed: await reservedPort(),
    ended: await reservedPort(),
  };
  await withTempDir(async (dir) => {
    const { cert, key } = localhost();
    await writeFile(join(dir, "pair.pem"), cert + key);
    await writeFile(
      join(dir, "cfg"),
      config(dir, ports, await plain.port(), await tls.port()),
    );
    await withProgram(["haproxy", "-f", join(dir, "cfg")], async (haproxy) => {
      const isAsked = async () => {
        await until(() => plain.checksOf(1) > 1 && plain.checksOf(2) > 1);
        await until(() => tls.checksOf(2) > 0);
        return undefined;
      };
      const early = await Promise.race([isAsked(), haproxy.ended]);
      assert.equal(early, undefined, early?.stderr);
      const trust = { ca: authority().cert, serverName: "localhost" };
      const ways: [keyof Ports, object, string, Backend][] = [
        ["v1", {}, "1 undefined", plain],
        ["v2", {}, "2 undefined", plain],
        ["passed", { tls: trust }, "2 TLSv1.3", tls],
        [
          "ended",
          { tls: { ...trust, alpnProtocols: ["echo"] } },
          "2 undefined",
          plain,
        ],
      ];
      for (const [name, options, told, backend] of ways) {
        const target = `127.0.0.1:${ports[name]}`;
        await using client = await connect(target, options);
        const own = formatAddress(client.getSockName());
        assert.equal(await exchange(client), `${own} ${told} hello`, name);
        const context = backend.clients.at(-1);
        const { destination, uniqueId } = context?.proxy ?? {};
        assert.equal(destination && formatAddress(destination), target);
        const id = uniqueId && new TextDecoder().decode(uniqueId);
        const hasFields = name === "v2" || name === "ended";
        assert.equal(id, hasFields ? "anysock-127.0.0.1" : undefined);
        if (name !== "ended") continue;
        const { ssl, alpn, authority: host } = context?.proxy ?? {};
        assert.equal(ssl?.version, "TLSv1.3");
        assert.deepEqual([ssl?.isTls, alpn, host], [true, "echo", "localhost"]);
      }
      const { stdout } = await haproxy.stop("SIGTERM");
      assert.doesNotMatch(new TextDecoder().decode(stdout), /is DOWN|backend/);
    });
  });
  for (const { checks, errors, server } of [plain, tls]) {
    const { stats } = await server;
    await (await server).stop();
    assert.deepEqual(errors, []);
    assert.deepEqual(stats.timedOut, { idle: 0, handshake: 0, age: 0 });
    // In version 1 it tells its own address, in version 2 it says LOCAL.
    for (const { proxy, address, peer } of checks) {
      assert.deepEqual(address, peer);
      assert.equal(proxy?.command, proxy?.version === 2 ? "local" : "proxy");
    }
  }
}, { skip, timeoutMs: 60_000 });
