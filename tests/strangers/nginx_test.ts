import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type StreamSocket } from "../../mod.ts";
import { test } from "../harness.ts";
import { reservedPort } from "../support/reserved_port.ts";
import { withTempDir } from "../temp.ts";
import { collect, missing, noise, sha256, withProgram } from "./programs.ts";
import { readRequest, withOurServer } from "./serving.ts";

const skip = missing("nginx");
const BODY = noise(16 * 2 ** 20 + 7);

interface Nginx {
  readonly port: number;
  readonly path: string;
}

/** Runs `fn` while an nginx of its own serves BODY, and proxies to `upstream`. */
async function withNginx(
  fn: (nginx: Nginx) => Promise<void>,
  upstream = 9,
): Promise<void> {
  await withTempDir(async (dir) => {
    const port = await reservedPort();
    const path = join(dir, "nginx.sock");
    await mkdir(join(dir, "html"));
    await writeFile(join(dir, "html", "body"), BODY);
    await writeFile(join(dir, "html", "small"), "small\n");
    await writeFile(join(dir, "nginx.conf"), config(dir, port, path, upstream));
    const args = ["-p", dir, "-e", "stderr", "-c", join(dir, "nginx.conf")];
    await withProgram(["nginx", ...args], async (nginx) => {
      // Said once its sockets listen.
      await nginx.complained(/using the "\w+" event method/);
      await fn({ port, path });
      // Deno forgets the exit code of a child that it sent a signal.
      const { stderr } = await nginx.stop("SIGTERM");
      assert.match(stderr, /\] \d+#\d+: exit\n$/);
    });
  });
}

function config(
  dir: string,
  port: number,
  path: string,
  upstream: number,
): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${dir}/${name};`).join("\n");
  return `
daemon off; master_process off; pid ${dir}/nginx.pid;
error_log stderr notice;
events { worker_connections 64; }
http {
  access_log off; ${temporary}
  client_max_body_size 64m;
  server {
    listen 127.0.0.1:${port}; listen unix:${path};
    root ${dir}/html;
    location /up {
      proxy_pass http://127.0.0.1:${upstream};
      proxy_http_version 1.1;
      proxy_request_buffering off;
    }
  }
}`;
}

function get(path: string, ...fields: string[]): string {
  return [`GET ${path} HTTP/1.1`, "Host: localhost", ...fields, "", ""]
    .join("\r\n");
}

async function readHead(sock: StreamSocket): Promise<string> {
  return new TextDecoder().decode(await sock.recvUntil("\r\n\r\n"));
}

function lengthIn(head: string): number {
  return Number(/^content-length: (\d+)\r?$/im.exec(head)?.[1]);
}

for (const kind of ["TCP", "a Unix-domain socket"]) {
  test(
    `nginx serves us a large page over ${kind}`,
    () =>
      withNginx(async ({ port, path }) => {
        const sock = await connect(
          kind === "TCP" ? ["127.0.0.1", port] : { path },
        );
        await sock.sendAll("GET /body HTTP/1.0\r\n\r\n");
        // No half-close: nginx takes that for hanging up.
        assert.match(await readHead(sock), /^HTTP\/1\.1 200 OK\r\n/);
        const { length, digest } = await collect(sock);
        assert.equal(length, BODY.length);
        assert.equal(digest, sha256(BODY));
        await sock.close();
      }),
    { skip },
  );
}

test(
  "nginx answers pipelined requests in order on one connection",
  () =>
    withNginx(async ({ port }) => {
      const sock = await connect(["127.0.0.1", port]);
      const ranges = [[5, 9], [1_000_000, 2_000_000], [0, 0]] as const;
      await sock.sendAll([
        ...ranges.map(([a, b]) => get("/body", `Range: bytes=${a}-${b}`)),
        get("/small", "Connection: close"),
      ]);
      for (const [first, last] of ranges) {
        const head = await readHead(sock);
        assert.match(head, /^HTTP\/1\.1 206 /);
        const part = await sock.recvExactly(lengthIn(head));
        assert.equal(sha256(part), sha256(BODY.subarray(first, last + 1)));
      }
      const head = await readHead(sock);
      assert.match(head, /^HTTP\/1\.1 200 /);
      const small = await sock.recvExactly(lengthIn(head));
      assert.equal(new TextDecoder().decode(small), "small\n");
      assert.equal(await sock.recv(), null);
      await sock.close();
    }),
  { skip },
);

test(
  "nginx hanging up on nonsense is an answer and the end",
  () =>
    withNginx(async ({ port }) => {
      const sock = await connect(["127.0.0.1", port]);
      await sock.sendAll("\0\x01nonsense\r\n\r\n");
      const answer = new TextDecoder().decode(await sock.recv() ?? undefined);
      assert.match(answer, /400 Bad Request/);
      for await (const _ of sock);
      assert.equal(await sock.recv(), null);
      await sock.close();
    }),
  { skip },
);

test(
  "nginx as a proxy carries a large body to our server and back",
  () =>
    withOurServer(["127.0.0.1", 0], async (conn) => {
      const { body } = await readRequest(conn);
      const head = "HTTP/1.1 200 OK\r\nConnection: close\r\n" +
        `Content-Length: ${body.length}\r\n\r\n`;
      await conn.sendAll([head, body]);
    }, (upstream) =>
      withNginx(async ({ port }) => {
        const sock = await connect(["127.0.0.1", port]);
        await sock.sendAll([
          "POST /up HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
          `Content-Length: ${BODY.length}\r\n\r\n`,
          BODY,
        ]);
        const head = await readHead(sock);
        assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
        const { length, digest } = await collect(sock);
        assert.equal(length, BODY.length);
        assert.equal(digest, sha256(BODY));
        await sock.close();
      }, upstream)),
  { skip },
);
