import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StreamSocket } from "../../mod.ts";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";
import { missing, noise, runProgram, sha256 } from "./programs.ts";
import { type HttpRequest, readRequest, withOurServer } from "./serving.ts";

const skip = missing("curl");
const BODY = noise(8 * 2 ** 20 + 3);
const CURL = ["curl", "--silent", "--show-error", "--noproxy", "*"] as const;

async function page(conn: StreamSocket): Promise<void> {
  await readRequest(conn);
  await conn.sendAll(["HTTP/1.0 200 OK\r\n\r\n", BODY]);
}

test("curl gets a large page that ends with the connection", async () => {
  await withOurServer(["127.0.0.1", 0], page, async (port) => {
    const url = `http://127.0.0.1:${port}/`;
    const { code, stdout, stderr } = await runProgram([...CURL, url]);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.equal(stdout.length, BODY.length);
    assert.equal(sha256(stdout), sha256(BODY));
  });
}, { skip });

test("curl gets a page over IPv6", async () => {
  await withOurServer(["::1", 0], page, async (port) => {
    const url = `http://[::1]:${port}/`;
    const { code, stdout } = await runProgram([...CURL, "-g", url]);
    assert.equal(code, 0);
    assert.equal(sha256(stdout), sha256(BODY));
  });
}, { skip });

test("curl gets a page over a Unix-domain socket", async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, "s");
    await withOurServer({ path }, page, async () => {
      const args = ["--unix-socket", path, "http://localhost/"];
      const { code, stdout } = await runProgram([...CURL, ...args]);
      assert.equal(code, 0);
      assert.equal(sha256(stdout), sha256(BODY));
    });
  });
}, { skip });

test("curl's large upload arrives whole", async () => {
  await withTempDir(async (dir) => {
    const file = join(dir, "upload");
    await writeFile(file, BODY);
    const got: HttpRequest[] = [];
    await withOurServer(["127.0.0.1", 0], async (conn) => {
      const request = await readRequest(conn);
      got.push(request);
      const digest = sha256(request.body);
      await conn.sendAll(`HTTP/1.0 200 OK\r\n\r\n${digest}`);
    }, async (port) => {
      const args = ["--data-binary", `@${file}`, `http://127.0.0.1:${port}/up`];
      const { code, stdout, stderr } = await runProgram([...CURL, ...args]);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.equal(new TextDecoder().decode(stdout), sha256(BODY));
    });
    assert.deepEqual(got.map(({ line }) => line), ["POST /up HTTP/1.1"]);
  });
}, { skip });

test("curl's next request on a kept connection is answered", async () => {
  let connections = 0;
  await withOurServer(["127.0.0.1", 0], async (conn) => {
    connections++;
    for (let n = 1; n <= 3; n++) {
      const { line } = await readRequest(conn);
      const text = `${n} ${line}\n`;
      await conn.sendAll(
        `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
      );
    }
    assert.equal(await conn.recv(), null);
  }, async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const urls = [`${url}/a`, `${url}/b`, `${url}/c`];
    const { code, stdout } = await runProgram([...CURL, ...urls]);
    assert.equal(code, 0);
    assert.equal(
      new TextDecoder().decode(stdout),
      "1 GET /a HTTP/1.1\n2 GET /b HTTP/1.1\n3 GET /c HTTP/1.1\n",
    );
  });
  assert.equal(connections, 1);
}, { skip });

test("curl that hangs up early fails the sender and nothing else", async () => {
  const failures: unknown[] = [];
  await withOurServer(["127.0.0.1", 0], async (conn) => {
    await readRequest(conn);
    await conn.sendAll(
      "HTTP/1.0 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    );
    try {
      for (;;) await conn.sendAll(BODY);
    } catch (error) {
      failures.push((error as { code?: string }).code);
    }
  }, async (port) => {
    const url = `http://127.0.0.1:${port}/`;
    const args = ["--max-filesize", "100000", "--output", "/dev/null", url];
    const first = await runProgram([...CURL, ...args]);
    assert.equal(first.code, 63, "CURLE_FILESIZE_EXCEEDED");
    const second = await runProgram([...CURL, ...args]);
    assert.equal(second.code, 63);
  });
  assert.equal(failures.length, 2);
  for (const code of failures) assert.match(`${code}`, /^(ECONNRESET|EPIPE)$/);
}, { skip });
