/**
 * The select programs of the documents of 1998 that this library follows, line
 * by line: the Socket Programming HOWTO, and unit 10 of the course notes.
 */

import assert from "node:assert/strict";
import {
  AF_INET,
  BlockingIOError,
  errno,
  SO_ERROR,
  SOCK_STREAM,
  socket,
  socketPair,
  SOL_SOCKET,
  type StreamSocket,
} from "../../mod.ts";
import { select } from "../../src/polling/mod.ts";
import { test } from "../harness.ts";

async function serverSocket(backlog = 5): Promise<StreamSocket> {
  const serversocket = socket(AF_INET, SOCK_STREAM);
  await serversocket.bind(["127.0.0.1", 0]);
  await serversocket.listen(backlog);
  return serversocket;
}

const close = (sockets: readonly StreamSocket[]): Promise<unknown> =>
  Promise.all(sockets.map((each) => each.close({ lingerMs: 0 })));

test("setblocking(0) lets send, recv, connect and accept do nothing", async () => {
  const server = await serverSocket();
  const client = socket(AF_INET, SOCK_STREAM);
  // "You do this after creating the socket, but before using it."
  for (const each of [server, client]) each.setBlocking(false);
  await assert.rejects(server.accept(), BlockingIOError);
  const address = server.getSockName();
  assert.equal(await client.connectEx(address), errno.EINPROGRESS);
  await select([], [client], []);
  await assert.rejects(client.recv(), BlockingIOError);
  // "Actually, if you're nuts, you can switch back and forth."
  server.setBlocking(true);
  const [peer] = await server.accept();
  server.setBlocking(false);
  await assert.rejects(server.accept(), { code: "EAGAIN" });
  const piece = new Uint8Array(1_048_576);
  await assert.rejects(async () => {
    while (true) await client.send(piece);
  }, BlockingIOError);
  await close([server, client, peer]);
});

test("select takes three lists and gives three that are their subsets", async () => {
  const [a, b] = await socketPair();
  await a.sendAll("hello");
  await select([b], [], []);
  const potentialReaders = [a, b];
  const potentialWriters = [a, b];
  const potentialErrs = [a, b];
  const timeoutMs = 60_000;
  const [readyToRead, readyToWrite, inError] = await select(
    potentialReaders,
    potentialWriters,
    potentialErrs,
    timeoutMs,
  );
  assert.deepEqual(readyToRead.map((each) => each === b), [true]);
  assert.deepEqual(readyToWrite.map((each) => each === a), [true, false]);
  assert.equal(inError.length, 0);
  // "a recv on that socket will return something"
  assert.equal((await b.recv({ timeoutMs: 0 }))?.length, 5);
  // "You'll be able to send something."
  assert.ok((await a.send("more", { timeoutMs: 0 })) > 0);
  await close([a, b]);
});

test("select: an accept works when the server socket is readable", async () => {
  const server = await serverSocket();
  const client = socket(AF_INET, SOCK_STREAM);
  client.setBlocking(false);
  await client.connectEx(server.getSockName());
  // "put it in the potential_writers list"
  const [, writers] = await select([], [client], []);
  assert.equal(writers[0], client);
  assert.equal(client.getSockOpt(SOL_SOCKET, SO_ERROR), 0);
  const [readers] = await select([server], [], [], 60_000);
  assert.equal(readers[0], server);
  const [peer] = await server.accept({ timeoutMs: 0 });
  await close([server, client, peer]);
});

test("select does not fail when a socket died a nasty death", async () => {
  const server = await serverSocket();
  const pairs = [await socketPair(), await socketPair(), await socketPair()];
  const all = pairs.flat();
  const refused = socket(AF_INET, SOCK_STREAM);
  const address = server.getSockName();
  await server.close();
  refused.setBlocking(false);
  await refused.connectEx(address);
  await select([], [refused], []);
  const closed = all[0]!;
  await closed.close({ lingerMs: 0 });
  await all[3]!.sendAll("still alive");
  await select([all[2]!], [], []);
  const sockets = [...all, refused, server];
  // One call finds them; no loop of select([sock], [], [], 0) is needed.
  const [readers, , dead] = await select(sockets, [], sockets, 60_000);
  for (const each of [closed, refused, server]) {
    assert.ok(readers.includes(each) && dead.includes(each));
  }
  assert.ok(readers.includes(all[2]!) && !dead.includes(all[2]!));
  assert.equal(refused.getSockOpt(SOL_SOCKET, SO_ERROR), errno.ECONNREFUSED);
  assert.equal(refused.getSockOpt(SOL_SOCKET, SO_ERROR), 0);
  await close(sockets);
});

test("select with a time of 0 tells whether a blocking recv would block", async () => {
  const [a, b] = await socketPair();
  const start = performance.now();
  assert.deepEqual(await select([b], [], [], 0), [[], [], []]);
  await a.sendAll("x");
  await select([b], [], []);
  assert.equal((await select([b], [], [], 0))[0][0], b);
  assert.ok(performance.now() - start < 5_000);
  await close([a, b]);
});

test("select takes empty lists, and waits the time out", async () => {
  const start = performance.now();
  assert.deepEqual(await select([], [], [], 20), [[], [], []]);
  assert.ok(performance.now() - start >= 20);
});

test("the server of the course serves many clients with one select", async () => {
  const server = await serverSocket(16);
  const serving = (async () => {
    let inputs: StreamSocket[] = [server];
    let ended = 0;
    while (ended < 10) {
      const [readable] = await select(inputs, [], inputs);
      for (const each of readable) {
        if (each === server) {
          const [connection] = await server.accept();
          inputs.push(connection);
          continue;
        }
        const data = await each.recv(1024);
        if (data !== null) {
          await each.sendAll(data);
          continue;
        }
        inputs = inputs.filter((other) => other !== each);
        await each.close();
        ended++;
      }
    }
  })();
  await Promise.all(Array.from({ length: 10 }, async (_, i) => {
    const client = socket(AF_INET, SOCK_STREAM);
    await client.connect(server.getSockName());
    for (const word of ["Hello", "World", `from ${i}`]) {
      await client.sendAll(word);
      const answer = await client.recvExactly(word.length);
      assert.equal(new TextDecoder().decode(answer), word);
    }
    await client.close();
  }));
  await serving;
  await server.close();
});
