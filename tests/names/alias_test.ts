import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import dns from "node:dns";
import { nodeNames } from "../../src/runtime/node/names.ts";
import { test } from "../harness.ts";

/** Name → what it is an alias of. */
const ALIASES: Readonly<Record<string, string>> = {
  "www.test": "web.test",
  "web.test": "cdn.test",
};

function encode(name: string): Uint8Array {
  const labels = name.split(".").map((label) => {
    const text = new TextEncoder().encode(label);
    return [text.length, ...text];
  });
  return Uint8Array.from([...labels.flat(), 0]);
}

/** The answer of a small name server to one question about aliases. */
function answer(query: Uint8Array): Uint8Array {
  const labels: string[] = [];
  let at = 12;
  for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
    labels.push(
      new TextDecoder().decode(query.subarray(at + 1, at + 1 + size)),
    );
    at += size + 1;
  }
  const name = labels.join(".");
  const target = ALIASES[name];
  const code = name === "nobody.test" ? 3 : name === "broken.test" ? 2 : 0;
  const count = target === undefined ? 0 : 1;
  const header = [0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0];
  const data = encode(target ?? "");
  const record = [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, data.length, ...data];
  return Uint8Array.from([
    ...query.subarray(0, 2),
    ...header,
    ...query.subarray(12, at + 5),
    ...(count === 0 ? [] : record),
  ]);
}

/** Runs `fn` while that name server is the only one of `node:dns`. */
async function withNameServer(fn: () => Promise<void>): Promise<void> {
  const before = dns.getServers();
  const socket: Socket = createSocket("udp4");
  socket.on("message", (query, { address, port }) => {
    socket.send(answer(query), port, address);
  });
  await new Promise<void>((bound) => socket.bind(0, "127.0.0.1", bound));
  try {
    dns.setServers([`127.0.0.1:${socket.address().port}`]);
    await fn();
  } finally {
    dns.setServers(before);
    await new Promise<void>((closed) => socket.close(closed));
  }
}

test("an alias is what the name server says it is", async () => {
  await withNameServer(async () => {
    const names = nodeNames();
    assert.equal(await names.alias("www.test"), "web.test");
    assert.equal(await names.alias("web.test"), "cdn.test");
    assert.equal(await names.alias("cdn.test"), undefined, "no alias");
    assert.equal(await names.alias("nobody.test"), undefined, "no such name");
  });
});

test("a name server that fails is EAI_AGAIN", async () => {
  await withNameServer(async () => {
    await assert.rejects(async () => await nodeNames().alias("broken.test"), {
      code: "EAI_AGAIN",
    });
  });
}, {
  skip: "Deno" in globalThis &&
    "Deno says the same as where there is no such name",
});
