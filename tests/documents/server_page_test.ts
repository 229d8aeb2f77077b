/**
 * The programs of the page about servers, each with a client that does what the
 * page says of it. They are run as they stand but for ports, of which each gets
 * a free one, and for the files of certificates.
 */

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import {
  type Address,
  AF_INET,
  connect,
  currentRuntime,
  SOCK_DGRAM,
  socket,
  type StreamSocket,
} from "../../mod.ts";
import { encodeProxyHeader } from "../../src/server/mod.ts";
import { test } from "../harness.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { visit } from "../server/support.ts";
import { withTempDir } from "../temp.ts";
import { blocksOf, withEntries, writeModule } from "./blocks.ts";

/** A server of a page that was started. */
interface Made {
  readonly address: Address;
  stop(): Promise<unknown>;
}

/** A program of the page while it runs. */
class Running {
  readonly printed: string[] = [];
  readonly #made: Made[] = [];
  readonly #waiting: (() => void)[] = [];

  /** For the modules of the page, which find it by its name. */
  readonly add = (server: Made): void => {
    this.#made.push(server);
    for (const wake of this.#waiting.splice(0)) wake();
  };

  /** The server that is made as the `index`-th. */
  async server(index = 0): Promise<Made> {
    while (this.#made.length <= index) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#made[index]!;
  }

  /** A client of it. */
  async client(index = 0): Promise<StreamSocket> {
    return await connect((await this.server(index)).address);
  }

  /** What it sends to whoever comes. */
  async answer(index = 0): Promise<string> {
    await using client = await this.client(index);
    return await allOf(client);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#made.map((server) => server.stop()));
  }
}

async function allOf(client: StreamSocket): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of client) text += decoder.decode(bytes);
  return text;
}

async function echoes(client: StreamSocket, text: string): Promise<void> {
  await client.sendAll(text);
  const bytes = await client.recvExactly(text.length);
  assert.equal(new TextDecoder().decode(bytes), text);
}

/** Our entry point of servers, which tells of those that are made. */
const TELLING = `
import * as real from "anysock/server";
export * from "anysock/server";
const tell = (server) => (globalThis.anysockPage.add(server), server);
const telling = (make) => async (...args) => tell(await make(...args));
export const serve = telling(real.serve);
export const serveDatagrams = telling(real.serveDatagrams);
export class TcpServer extends real.TcpServer {
  async serverActivate() {
    await super.serverActivate();
    tell({ address: this.socket.getSockName(), stop: () => this.shutdown() });
  }
}
`;

/** Runs a program of the page for as long as `use` takes. */
async function run(
  code: string,
  use: (running: Running) => Promise<void>,
  handler?: string,
): Promise<void> {
  const running = new Running();
  const page = globalThis as unknown as { anysockPage?: Running };
  const { log } = console;
  await withTempDir(async (dir) => {
    const telling = join(dir, "telling.mjs");
    await writeFile(telling, withEntries(TELLING));
    if (lackOfOpenssl() === undefined) {
      const { cert, key } = localhost();
      await writeFile(join(dir, "cert.pem"), cert);
      await writeFile(join(dir, "key.pem"), key);
    }
    const module = handler && await writeModule(dir, handler, "handler");
    const here = code
      .replace('"./handler.ts"', JSON.stringify(module))
      .replace("count: 4", "count: 2")
      .replace(/"(?:0\.0\.0\.0|127\.0\.0\.1):\d+"/g, '"127.0.0.1:0"')
      .replace('["127.0.0.1", 7000]', '["127.0.0.1", 0]')
      .replace(
        /"(cert|key)\.pem"/g,
        (_, name) => JSON.stringify(join(dir, `${name}.pem`)),
      )
      .replace(
        / from "anysock\/server"/g,
        (text) => text.replace("anysock/server", pathToFileURL(telling).href),
      );
    page.anysockPage = running;
    console.log = (...values) => running.printed.push(format(...values));
    try {
      // It may go on until its server has stopped.
      const over = import(await writeModule(dir, here));
      await Promise.race([
        use(running),
        over.then(() => new Promise(() => {})),
      ]);
      await running.stop();
      await over;
    } finally {
      await running.stop();
      console.log = log;
      delete page.anysockPage;
      process.removeAllListeners("SIGHUP");
    }
  });
}

const hello = async (running: Running) =>
  assert.equal(await running.answer(), "hello\n");

/** What is done to each program of the page, by a line that only it has. */
const CLIENTS: readonly (readonly [
  line: string,
  use: (running: Running) => Promise<void>,
])[] = [
  ["console.log(server.address);", async (running) => {
    await using client = await running.client();
    await echoes(client, "hello");
    assert.match(running.printed[0]!, /127\.0\.0\.1/);
  }],
  ["maxConnections: 10_000", hello],
  ["hello over ${connection.tls?.protocol}", async (running) => {
    const { address } = await running.server();
    await using client = await connect(address, tls());
    assert.match(await allOf(client), /^hello over TLSv1\.3\n$/);
  }],
  ["listener.setTlsIdentity", async (running) => {
    const { address } = await running.server();
    await using client = await connect(address, tls());
    assert.equal(await allOf(client), "hello\n");
  }],
  ['new Set(["192.0.2.7"])', hello],
  ["await server.closed;", async (running) => {
    await using client = await running.client();
    await echoes(client, "hello");
    const stopped = running.stop();
    assert.equal(await client.recv(), null);
    await client.close();
    await stopped;
  }],
  ["by way of", async (running) => {
    await using client = await running.client();
    const source = { family: "ipv4", hostname: "192.0.2.1", port: 7 } as const;
    const header = { version: 1, command: "proxy", source } as const;
    const destination = { ...source, port: 8 };
    const all = { ...header, destination, tlvs: [] };
    await client.sendAll(encodeProxyHeader(all, 1));
    assert.equal(await allOf(client), "hello\n");
    assert.match(
      running.printed[0]!,
      /192\.0\.2\.1.* by way of .*127\.0\.0\.1/s,
    );
  }],
  ["await activation();", hello],
  ["function p99()", async (running) => {
    await using client = await running.client();
    await echoes(client, "hello");
    await using collector = await running.client(1);
    await collector.sendAll("GET /metrics HTTP/1.0\r\n\r\n");
    const text = await allOf(collector);
    assert.match(text, /^HTTP\/1\.0 200 OK\r\n\r\nmyserver_accepted 1$/m);
    assert.match(text, /^myserver_rejected\{why="full"\} 0$/m);
    assert.match(text, /^myserver_answer_p99_ms \d+$/m);
    await client.close();
  }],
  ["await socket.sendTo(data, address);", async (running) => {
    const { address } = await running.server();
    await using client = socket(AF_INET, SOCK_DGRAM);
    await client.sendTo("hello", address);
    const [data] = await client.recvFrom();
    assert.equal(new TextDecoder().decode(data), "hello");
    assert.deepEqual(running.printed, ["0"]);
  }],
  ["class Upper extends", async (running) => {
    await using client = await running.client();
    await client.sendAll("hello\n");
    assert.equal(await allOf(client), "HELLO\n");
  }],
];

function tls(): { tls: { ca: string; serverName: string } } {
  return { tls: { ca: authority().cert, serverName: "localhost" } };
}

/** Those that serve nothing by themselves, and are tested below. */
const HANDLER = "export function setup";
const CHANNEL = 'channel("anysock:server:reject")';

const PAGE = "docs/server.md";
const BLOCKS = [...blocksOf(PAGE)];

function blockWith(line: string, ignore?: string): string {
  const blocks = ignore === undefined ? BLOCKS : blocksOf(PAGE, ignore);
  return [...blocks].find(({ code }) => code.includes(line))!.code;
}

test("every program of the page about servers is run", () => {
  const lines = [...CLIENTS.map(([line]) => line), HANDLER, CHANNEL];
  for (const { line, code } of BLOCKS) {
    const its = lines.filter((each) => code.includes(each));
    assert.equal(its.length, 1, `${PAGE}:${line}: ${its.join(", ")}`);
  }
});

for (const [line, use] of CLIENTS) {
  const skip = /tls|Tls/.test(line) && lackOfOpenssl();
  test(
    `the page's server with ${line.trim()} does what it says`,
    () => run(blockWith(line), use),
    { skip: skip || false },
  );
}

test("the page's workers greet with what setup was given", async () => {
  const server = blockWith("// server.ts", " ignore");
  await run(server, hello, blockWith(HANDLER));
});

test("the page's channel tells who was turned away", async () => {
  const refuses = `
    import { serve } from "anysock/server";
    await serve("127.0.0.1:0", () => {}, { verifyRequest: () => false });
  `;
  await run(blockWith(CHANNEL) + refuses, async (running) => {
    await visit(await running.server(), currentRuntime());
    assert.match(running.printed[0]!, /^turned away verify .*127\.0\.0\.1/s);
  });
});
