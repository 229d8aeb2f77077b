/**
 * The tables of docs/adapters.md: whole, and true.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { listen } from "../../mod.ts";
import { createConnection, NodeSocket } from "../../src/node/mod.ts";
import { test } from "../harness.ts";
import { repositoryRoot, thisRuntime } from "../runtimes.ts";

const page = readFileSync(join(repositoryRoot(), "docs/adapters.md"), "utf8");

/** The rows of one table: a name, and what is said of it. */
function table(title: string): ReadonlyMap<string, readonly string[]> {
  const section = page.split(/^### /m).find((each) => each.startsWith(title));
  const rows = [
    ...section?.matchAll(/^\| `(\w+)` +\| ([a-z ]+?) +\| (.*?) *\|$/gm) ?? [],
  ];
  return new Map(rows.map(([, name, is, why]) => [name!, [is!, why!]]));
}

/** What Node 26's documentation lists besides its own prototype. */
const DOCUMENTED = [
  ...["autoSelectFamilyAttemptedAddresses", "connecting", "destroy"],
  ...["destroyed", "setEncoding", "timeout", "write"],
];

const EVENTS = [
  ...["close", "connect", "connectionAttempt", "connectionAttemptFailed"],
  ...["connectionAttemptTimeout", "data", "drain", "end", "error"],
  ...["lookup", "ready", "timeout"],
];

test("every member of net.Socket is in the table, and as it says", () => {
  const rows = table("Members");
  const own = thisRuntime().startsWith("node")
    ? Object.getOwnPropertyNames(Socket.prototype)
    : [];
  const names = [...own, ...DOCUMENTED].filter((name) => /^[a-z]/.test(name));
  for (const name of names) {
    if (name === "constructor") continue;
    assert.ok(rows.has(name), `${name} is not in the table`);
  }
  const socket = new NodeSocket();
  for (const [name, [is]] of rows) {
    assert.equal(name in socket, is !== "not there", `${name}: ${is}`);
  }
  assert.ok(rows.size > 30);
  socket.destroy();
});

test("what differs says why", () => {
  for (const title of ["Members", "Events", "Options"]) {
    for (const [name, [is, why]] of table(title)) {
      assert.match(String(is), /^(same|differs|not there)$/, name);
      assert.equal(why !== "", is !== "same", `${title}: ${name}`);
    }
  }
});

test("every event of net.Socket is in the table", () => {
  assert.deepEqual([...table("Events").keys()], EVENTS);
});

test("an option that is not there is refused", () => {
  for (const [name, [is]] of table("Options")) {
    if (is !== "not there") continue;
    assert.throws(
      () => new NodeSocket({ [name]: 5 }),
      { code: "ERR_INVALID_ARG_VALUE" },
      name,
    );
  }
});

test("a lookup of the program is asked, and tried in turn", async () => {
  await using server = await listen("127.0.0.1:0");
  const { port } = server.getSockName() as { port: number };
  const asked: unknown[] = [];
  const socket = createConnection({
    host: "some.where",
    port,
    lookup: (hostname, options, callback) => {
      asked.push(hostname, options);
      callback(null, [
        // Nobody listens there.
        { address: "127.0.0.9", family: 4 },
        { address: "127.0.0.1", family: 4 },
      ]);
    },
  });
  const [peer] = await server.accept();
  assert.deepEqual(asked, ["some.where", { all: true, family: 0, hints: 0 }]);
  await new Promise((resolve) => socket.once("connect", resolve));
  assert.equal(socket.remoteAddress, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.destroy();
  await Promise.all([closed, peer.close()]);
});

test("a lookup that fails or gives nonsense is told", async () => {
  const failing = { EGONE: new Error("gone"), nonsense: null };
  for (const [code, error] of Object.entries(failing)) {
    const socket = createConnection({
      host: "some.where",
      port: 1,
      lookup: (_hostname, _options, callback) =>
        callback(error && Object.assign(error, { code }), "no address"),
    });
    const told = await new Promise<NodeJS.ErrnoException>((resolve) =>
      socket.once("error", resolve)
    );
    assert.equal(told.code, error ? code : "ERR_INVALID_IP_ADDRESS");
    await new Promise((resolve) => socket.once("close", resolve));
  }
});
