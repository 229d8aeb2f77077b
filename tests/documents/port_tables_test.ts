/**
 * The tables of `docs/porting.md` for who comes from a runtime: what they name
 * on the left is there on that runtime, and what on the right is here.
 */

import assert from "node:assert/strict";
import dgram from "node:dgram";
import { readFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import process from "node:process";
import tls from "node:tls";
import * as anysock from "../../mod.ts";
import * as framing from "../../src/framing/mod.ts";
import * as serving from "../../src/server/mod.ts";
import { test } from "../harness.ts";
import { repositoryRoot } from "../runtimes.ts";

// deno-lint-ignore no-explicit-any -- the globals of three runtimes
const { Deno, Bun } = globalThis as any;

const page = readFileSync(join(repositoryRoot(), "docs/porting.md"), "utf8");

/** The cells of the rows below a heading, the head of the table left out. */
function rowsOf(heading: string): [left: string, right: string][] {
  const [, part = ""] = page.split(`\n## ${heading}\n`);
  const [own = ""] = part.split("\n## ");
  return [...own.matchAll(/^\| (.+?) \| (.+?) \|$/gm)]
    .map(([, left, right]): [string, string] => [left!, right!])
    // A socket that somebody has is a type's name, or none.
    .filter(([left]) => left.includes("`") && !left.startsWith("a "));
}

/** The names in a cell: what is called, without what it is called with. */
function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]*)`/g)].flatMap(([, code = ""]) => {
    const call = code
      .replace(/^for await \(const .* of ([\w.]+).*$/, "$1")
      .replace(/"[^"]*"/g, "")
      .replace(/\{[^{}]*(\{[^}]*\})?[^}]*\}|\[[^\]]*\]/g, "")
      .replace(/\([^]*\)/, "")
      .replace(/\bawait |\bnew |: .*$|^--.*$/g, "");
    return call.match(/[A-Za-z_][\w.]*\*?/g) ?? [];
  });
}

/** Whether a chain of names leads somewhere from one of the things. */
function isThere(name: string, things: Readonly<Record<string, unknown>>) {
  const [head = "", ...rest] = name.split(".");
  const starts = head in things
    ? [[things[head], rest]]
    : Object.values(things).map((each) => [each, [head, ...rest]]);
  return starts.some(([start, path]) => {
    // deno-lint-ignore no-explicit-any -- any member of anything
    let here = start as any;
    const keys = path as string[];
    return keys.every((key, i) => {
      if (!(key in Object(here))) return false;
      // A getter of a prototype has nothing to get.
      if (i < keys.length - 1) here = here[key];
      return true;
    });
  });
}

/** Who says the name of a thing that the tables speak of. */
const OURS: Readonly<Record<string, unknown>> = {
  anysock,
  framing,
  serving,
  server: anysock.StreamSocket.prototype,
  sock: anysock.StreamSocket.prototype,
  udp: anysock.DatagramSocket.prototype,
  options: {
    tls: true,
    timeoutMs: 0,
    idleTimeoutMs: 0,
    keepAlive: 0,
    lingerMs: 0,
    code: "",
  },
  null: null,
};

function missing(
  heading: string,
  side: 0 | 1,
  things: Readonly<Record<string, unknown>>,
): string[] {
  const names = rowsOf(heading).flatMap((row) => namesIn(row[side]));
  assert.ok(names.length > 8, `${names.length} names below ${heading}`);
  return names.filter((name) => !isThere(name, things));
}

test("what the tables of runtimes say is here, is here", () => {
  for (
    const heading of ["From node:net and node:dgram", "From Deno", "From Bun"]
  ) {
    assert.deepEqual(missing(heading, 1, OURS), [], heading);
  }
});

test("what the table of Node names is in node:net, tls and dgram", () => {
  const udp = dgram.createSocket("udp4");
  const socket = new net.Socket();
  try {
    const options = { highWaterMark: 0 };
    const things = { net, tls, dgram, socket, udp, options };
    const heading = "From node:net and node:dgram";
    assert.deepEqual(missing(heading, 0, things), []);
  } finally {
    udp.close();
    socket.destroy();
  }
}, { skip: process.versions.bun || process.versions.deno ? "of Node" : false });

test("what the table of Deno names is there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const conn = await Deno.connect({
    hostname: "127.0.0.1",
    port: listener.addr.port,
  });
  (await listener.accept()).close();
  try {
    // It is there with the flag alone, as the table says.
    const flagged = Deno.listenDatagram ? [] : ["Deno.listenDatagram"];
    const absent = missing("From Deno", 0, { Deno, conn, listener });
    assert.deepEqual(absent, flagged);
  } finally {
    conn.close();
    listener.close();
  }
}, { skip: Deno === undefined && "of Deno" });

test("what the table of Bun names is there", async () => {
  const socket = { data() {}, drain() {} };
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket });
  const client = await Bun.connect({
    hostname: "127.0.0.1",
    port: listener.port,
    socket,
  });
  try {
    const things = { Bun, socket: client, handlers: socket };
    assert.deepEqual(missing("From Bun", 0, things), []);
  } finally {
    client.terminate();
    listener.stop(true);
  }
}, { skip: Bun === undefined && "of Bun" });
