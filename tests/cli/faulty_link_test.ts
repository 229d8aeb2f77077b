/** `anysock proxy` as a bad link: its rules, its trace, the lines it obeys. */

import assert from "node:assert/strict";
import {
  AF_INET,
  connect,
  type InetAddress,
  listen,
  SOCK_DGRAM,
  socket,
  type StreamSocket,
} from "../../mod.ts";
import { test } from "../harness.ts";
import { portOf, type Run, start, type World } from "./support.ts";

/** A standard input, and what is typed into it. */
function keyboard(): {
  input: AsyncIterable<Uint8Array>;
  type(line: string): void;
} {
  let type = (_line: string): void => {};
  const input = new ReadableStream<Uint8Array>({
    start(keys) {
      type = (line) => keys.enqueue(new TextEncoder().encode(`${line}\n`));
    },
  });
  return { input: input as unknown as AsyncIterable<Uint8Array>, type };
}

interface Link {
  readonly proxy: Run;
  type(line: string): void;
  /** A client behind the proxy, and the server's end of it. */
  pair(): Promise<[client: StreamSocket, server: StreamSocket]>;
}

/** Gives `use` a link that options make bad, and takes it down again. */
async function over(
  options: string,
  use: (link: Link) => Promise<void>,
  world: World = {},
): Promise<void> {
  const listener = await listen("127.0.0.1:0", { abortive: true });
  const { port } = listener.getSockName() as InetAddress;
  const { input, type } = keyboard();
  const args = ["proxy", "0", `127.0.0.1:${port}`, ...options.split(" ")];
  const proxy = start(args, { input, ...world });
  const made: StreamSocket[] = [];
  const pair: Link["pair"] = async () => {
    const client = await connect(`127.0.0.1:${await portOf(proxy)}`);
    const [server] = await listener.accept();
    made.push(client, server);
    return [client, server];
  };
  try {
    await use({ proxy, type, pair });
  } finally {
    proxy.interrupt();
    assert.equal(await proxy.code, 0);
    await Promise.all([listener, ...made].map((each) => each.close()));
  }
}

test("proxy --reset-at resets before that byte, and tells the trace", () =>
  over("--reset-at 3 --way down --seed 7", async ({ proxy, pair }) => {
    const [client, server] = await pair();
    await client.sendAll("ask");
    await server.recvExactly(3);
    await server.sendAll("answer");
    await assert.rejects(client.recvExactly(6), { code: "ECONNRESET" });
    await proxy.says(/^ +\d+ {2}c1 > CONNECT\n +\d+ {2}c1 > DATA 0\+3 "ask"$/m);
    await proxy.says(/^ +\d+ {2}c1 < RST$/m);
    proxy.interrupt();
    assert.equal(await proxy.code, 0);
    assert.match(proxy.errors(), /\n1 client\n$/);
  }));

test("proxy obeys lines: rules, a cut, its end, what fails, a reset", () =>
  over("--seed 1", async ({ proxy, type, pair }) => {
    const [client, server] = await pair();
    type("cut");
    await proxy.says(/ CUT$/m);
    await client.sendAll("late");
    type("heal");
    await proxy.says(/ HEAL$/m);
    assert.equal((await server.recvExactly(4)).length, 4);
    type("set down chunks=1 latency=0..1");
    type("nonsense");
    await proxy.says(/^There is no nonsense; there are cut, heal, reset/m);
    await server.sendAll("ab");
    await proxy.says(/c1 < DATA 0\+1 "a"\n.*c1 < DATA 1\+1 "b"$/m);
    type("clear\nreset");
    await assert.rejects(client.recvExactly(3), { code: "ECONNRESET" });
    type("fail 1\nfail");
    type("fail often");
    await proxy.says(/^fail takes a number of times$/m);
    // Either its connect is told of it, or its first receive.
    const next = await connect(`127.0.0.1:${await portOf(proxy)}`)
      .catch(() => undefined);
    await proxy.says(/c2 is reset$/m);
    await next?.close();
  }));

for (
  const [line, complaint] of [
    ["set", /^set what\? latency=200$/m],
    ["set loss=1", /^loss goes with --udp$/m],
    ["set up warp=9", /^There is no rule warp; there are latency, rate, ch/m],
    ["set latency=soon", /^latency is a time such as .*: "soon"$/m],
    ["set stop-acks=yes", /^stop-acks is no value: "yes"$/m],
    ["cut now", /^cut takes no words$/m],
  ] as const
) {
  test(`proxy says what is wrong with the line ${line}, and goes on`, () =>
    over("--seed 1", async ({ proxy, type, pair }) => {
      type(line);
      await proxy.says(complaint);
      await pair();
    }));
}

test("proxy --quiet tells of connections alone", () =>
  over("--quiet --chunks 1", async ({ proxy, pair }) => {
    const [client, server] = await pair();
    await client.sendAll("secret");
    await client.close();
    assert.equal((await server.recvExactly(6)).length, 6);
    await proxy.says(/c1 > FIN$/m);
    assert.ok(!proxy.output().includes("DATA"), proxy.output());
  }));

test("a bad link ends with 0 when the reader of its output leaves", () =>
  over("--latency 1", async ({ proxy, pair }) => {
    const [client] = await pair();
    await client.sendAll("more");
    assert.equal(await proxy.code, 0);
  }, { readsBytes: 1 }));

test("proxy --udp --loss 1 loses all until a line says otherwise", async () => {
  const server = socket(AF_INET, SOCK_DGRAM);
  await server.bind(["127.0.0.1", 0]);
  const to = `127.0.0.1:${(server.getSockName() as InetAddress).port}`;
  const { input, type } = keyboard();
  const args = ["proxy", "0", to, "--udp", "--loss", "1"];
  const proxy = start(args, { input });
  const client = socket(AF_INET, SOCK_DGRAM);
  const place = `127.0.0.1:${await portOf(proxy)}`;
  await client.sendTo("gone", place);
  await proxy.says(/c1 > UDP "gone" lost$/m);
  type("set loss=0");
  type("set mtu=1");
  await proxy.says(/^mtu is a whole number from 68 on: "1"$/m);
  await client.sendTo("there", place);
  assert.equal(new TextDecoder().decode((await server.recvFrom())[0]), "there");
  proxy.interrupt();
  assert.equal(await proxy.code, 0);
  await Promise.all([client.close(), server.close()]);
});
