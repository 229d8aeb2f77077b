import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { reservedPort } from "../support/reserved_port.ts";
import { call, portOf, startProgram, withServer } from "./programs.ts";

test("echo_server echoes until its client is done, then ends", async () => {
  const program = startProgram("examples/echo_server.ts", "0");
  try {
    const peer = await call(await portOf(program));
    peer.socket.write("Hello, ");
    await peer.heard("Hello, ");
    peer.socket.end("world");
    assert.equal(await peer.all, "Hello, world");
    const { code, stdout, stderr } = await program.ended;
    assert.equal(stderr, "");
    assert.match(stdout, /^Connected by 127\.0\.0\.1:\d+$/m);
    assert.equal(code, 0);
  } finally {
    await program.stop();
  }
});

test("echo_client prints what the server sends back", async () => {
  await withServer((socket) => socket.pipe(socket), async (port) => {
    const program = startProgram("examples/echo_client.ts", `${port}`);
    const { code, stdout, stderr } = await program.ended;
    assert.deepEqual([code, stdout, stderr], [
      0,
      "Received Hello, world\n",
      "",
    ]);
  });
});

test("echo_client says so when the server hangs up unread", async () => {
  await withServer((socket) => socket.resume().end(), async (port) => {
    const program = startProgram("examples/echo_client.ts", `${port}`);
    const { code, stdout } = await program.ended;
    assert.deepEqual([code, stdout], [0, "The server hung up\n"]);
  });
});

test("echo_client fails with the reason when nobody listens", async () => {
  const port = await reservedPort();
  const program = startProgram("examples/echo_client.ts", `${port}`);
  const { code, stderr } = await program.ended;
  assert.equal(code, 1);
  assert.match(stderr, /ECONNREFUSED|refused/);
});

test("my_socket passes messages of a fixed length", async () => {
  const program = startProgram("examples/my_socket.ts");
  const { code, stdout, stderr } = await program.ended;
  const lines = ["a", "b", "c"].map((each) => `100000 times "${each}"\n`);
  assert.deepEqual([code, stdout, stderr], [0, lines.join(""), ""]);
});

test("blocking_worker answers from a thread that blocks", async () => {
  const program = startProgram("examples/blocking_worker.ts");
  const { code, stdout, stderr } = await program.ended;
  const lines = [
    "7 = 7",
    "5040 = 2 × 2 × 2 × 2 × 3 × 3 × 5 × 7",
    "65537 = 65537",
  ];
  assert.deepEqual([code, stdout, stderr], [0, `${lines.join("\n")}\n`, ""]);
});

const PAGE = "A page of the web.\n".repeat(20_000);

test("http_get splits the headers from a page of any length", async () => {
  let request = "";
  await withServer((socket) => {
    socket.setEncoding("latin1").on("data", (text) => {
      request += text;
      if (!request.endsWith("\r\n\r\n")) return;
      // The head in pieces, the last of them together with the body.
      socket.write("HTTP/1.0 200 OK\r\nContent-Ty");
      setImmediate(() => socket.end(`pe: text/plain\r\n\r\n${PAGE}`));
    });
  }, async (port) => {
    const url = `http://127.0.0.1:${port}/a%20b?c=d`;
    const program = startProgram("examples/http_get.ts", url);
    const { code, stdout, stderr } = await program.ended;
    assert.equal(stderr, "HTTP/1.0 200 OK\nContent-Type: text/plain\n");
    assert.ok(stdout === PAGE, `${stdout.length} of ${PAGE.length} came`);
    assert.equal(code, 0);
    assert.equal(
      request,
      `GET /a%20b?c=d HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
    );
  });
});

test("http_get ends with 1 when the page is not found", async () => {
  await withServer((socket) => {
    socket.once("data", () => socket.end("HTTP/1.0 404 Nope\r\n\r\n"));
  }, async (port) => {
    const url = `http://127.0.0.1:${port}/`;
    const { code, stdout } = await startProgram("examples/http_get.ts", url)
      .ended;
    assert.deepEqual([code, stdout], [1, ""]);
  });
});

test("line_chat passes each line to all the others", async () => {
  const program = startProgram("examples/line_chat.ts", "0");
  try {
    const port = await portOf(program);
    const ada = await call(port);
    ada.socket.write("ada\n");
    await ada.heard("Hello ada, 1 here\n");
    const bob = await call(port);
    bob.socket.write("bob\r\nhel");
    await bob.heard("Hello bob, 2 here\n");
    await ada.heard("* bob came\n");
    bob.socket.write("lo\nzwei Bücher\n");
    await ada.heard("bob: hello\nbob: zwei Bücher\n");
    ada.socket.write("hi\n");
    await bob.heard("ada: hi\n");
    await bob.leave();
    await ada.heard("* bob left\n");
    await ada.leave();
    assert.doesNotMatch(await bob.all, /bob: /);
  } finally {
    await program.stop();
  }
});

test("line_chat turns a second guest of the same name away", async () => {
  const program = startProgram("examples/line_chat.ts", "0");
  try {
    const port = await portOf(program);
    const first = await call(port);
    first.socket.write("eve\n");
    await first.heard("Hello eve");
    const second = await call(port);
    second.socket.write("eve\n");
    assert.equal(await second.all, "No luck. Good bye.\n");
    await first.leave();
  } finally {
    await program.stop();
  }
});

test("line_chat keeps every line when many talk at once", async () => {
  const program = startProgram("examples/line_chat.ts", "0");
  try {
    const port = await portOf(program);
    const listener = await call(port);
    listener.socket.write("listener\n");
    await listener.heard("Hello listener");
    const names = ["a", "b", "c", "d", "e"];
    const talkers = await Promise.all(names.map(() => call(port)));
    talkers.forEach((talker, i) => {
      const lines = Array.from({ length: 200 }, (_, n) => `line ${n}\n`);
      talker.socket.write(`${names[i]}\n${lines.join("")}`);
    });
    for (const name of names) await listener.heard(`${name}: line 199\n`);
    for (const talker of talkers) talker.socket.destroy();
    await Promise.all(names.map((name) => listener.heard(`* ${name} left\n`)));
    await listener.leave();
    const heard = (await listener.all).split("\n");
    for (const name of names) {
      const lines = heard.filter((line) => line.startsWith(`${name}: `));
      const all = Array.from({ length: 200 }, (_, n) => `${name}: line ${n}`);
      assert.deepEqual(lines, all);
    }
  } finally {
    await program.stop();
  }
});
