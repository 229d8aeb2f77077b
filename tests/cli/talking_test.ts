/** The commands that talk, against peers of this process. */

import assert from "node:assert/strict";
import {
  AF_INET,
  connect,
  listen,
  type Listener,
  SHUT_WR,
  SOCK_DGRAM,
  socket,
  type StreamSocket,
} from "../../mod.ts";
import { test } from "../harness.ts";
import {
  asFile,
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { portOf, type Run, run, start, text } from "./support.ts";

/** Serves one connection of one command. */
async function withPeer(
  serve: (peer: StreamSocket) => Promise<void>,
  work: (address: string) => Promise<void>,
): Promise<void> {
  // Its resets are resets on Deno, too.
  const server: Listener = await listen("127.0.0.1:0", { abortive: true });
  const serving = server.accept().then(async ([peer]) => {
    await serve(peer);
    await peer.close();
  });
  try {
    const address = server.getSockName();
    await work(address.family === "unix" ? "" : `127.0.0.1:${address.port}`);
    await serving;
  } finally {
    await server.close();
  }
}

async function everything(peer: StreamSocket): Promise<string> {
  let all = "";
  for await (const bytes of peer) all += new TextDecoder().decode(bytes);
  return all;
}

test("connect pipes a request in and its whole answer out", () =>
  withPeer(async (peer) => {
    // Our end of the input is what ends the request.
    await peer.sendAll(`you said ${await everything(peer)}`);
  }, async (address) => {
    const { code, output, errors } = await run(["connect", address], {
      input: text("one ", "two"),
    });
    assert.deepEqual([code, output, errors], [0, "you said one two", ""]);
  }));

test("connect --no-half-close leaves our side open", () =>
  withPeer(async (peer) => {
    assert.equal(new TextDecoder().decode(await peer.recvExactly(2)), "hi");
    await assert.rejects(peer.recv({ timeoutMs: 20 }), { code: "ETIMEDOUT" });
    await peer.sendAll("bye");
  }, async (address) => {
    const args = ["connect", address, "--no-half-close"];
    const { code, output } = await run(args, { input: text("hi") });
    assert.deepEqual([code, output], [0, "bye"]);
  }));

test("connect --hex numbers its rows through", () =>
  withPeer(async (peer) => {
    await peer.sendAll("0123456789abcdef");
    await everything(peer);
    await peer.sendAll("\n");
  }, async (address) => {
    const { output } = await run(["connect", address, "--hex"]);
    assert.equal(
      output,
      "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  " +
        "|0123456789abcdef|\n" +
        `00000010  ${"0a".padEnd(48)}  |.|\n`,
    );
  }));

test("connect --frame makes each line a message, and each message a line", () =>
  withPeer(async (peer) => {
    const bytes = await peer.recvExactly(4 + 5);
    assert.deepEqual([...bytes], [0, 2, 104, 105, 0, 3, 121, 111, 117]);
    await peer.sendAll(new Uint8Array([0, 2, 111, 107]));
  }, async (address) => {
    const args = ["connect", address, "--frame", "u16"];
    const { code, output } = await run(args, { input: text("hi\nyou") });
    assert.deepEqual([code, output], [0, "ok\n"]);
  }));

test("connect tells a reset as a failure", () =>
  withPeer(async (peer) => {
    await peer.sendAll("half of it");
    await peer.recvExactly(1);
    peer.reset();
  }, async (address) => {
    const { code, output, errors } = await run(["connect", address], {
      input: text("x"),
    });
    assert.deepEqual([code, output], [1, "half of it"]);
    assert.match(errors, /\(ECONNRESET\)\n$/);
  }));

test("connect --timeout ends silence with 1", () =>
  withPeer(async (peer) => {
    await everything(peer);
  }, async (address) => {
    const args = ["connect", address, "--no-half-close", "-w", "30"];
    const { code, errors } = await run(args);
    assert.match(errors, /nothing came within 30 ms/);
    assert.equal(code, 1);
  }));

test("connect ends well when nobody reads its output any more", () =>
  withPeer(async (peer) => {
    try {
      for (;;) await peer.sendAll(new Uint8Array(65_536));
    } catch {
      // The command has gone.
    }
  }, async (address) => {
    const { code, errors } = await run(["connect", address], { readsBytes: 1 });
    assert.deepEqual([code, errors], [0, ""]);
  }));

test("connect ends with 130 at Ctrl-C", () =>
  withPeer(async (peer) => {
    await peer.sendAll("hello");
    await everything(peer).catch(() => {});
  }, async (address) => {
    const started = start(["connect", address, "--no-half-close"]);
    await started.says(/hello/);
    started.interrupt();
    assert.deepEqual([await started.code, started.errors()], [130, ""]);
  }));

test("connect waits for the peer as fast as the peer reads", () =>
  withPeer(async (peer) => {
    assert.equal((await peer.recvExactly(8_000_000)).length, 8_000_000);
    assert.equal(await peer.recv(), null);
  }, async (address) => {
    let made = 0;
    async function* many(): AsyncGenerator<Uint8Array> {
      for (; made < 80; made++) yield new Uint8Array(100_000);
    }
    const { code } = await run(["connect", address], { input: many() });
    assert.deepEqual([code, made], [0, 80]);
  }));

test("connect refused ends with 1 and the code", async () => {
  const server = await listen("127.0.0.1:0");
  const address = server.getSockName();
  await server.close();
  const port = address.family === "unix" ? 0 : address.port;
  const { code, output, errors } = await run([
    "connect",
    "127.0.0.1",
    `${port}`,
  ]);
  assert.match(errors, /^anysock: Cannot connect to .* \(ECONNREFUSED\)\n$/);
  assert.deepEqual([code, output], [1, ""]);
});

test("listen takes one client, and --keep the next", async () => {
  const serving = start(["listen", "0", "--frame", "lines", "--keep"], {
    input: text("welcome\n"),
  });
  const address = `127.0.0.1:${await portOf(serving)}`;
  const first = await connect(address);
  await first.sendAll("one\ntwo\n");
  await first.shutdown(SHUT_WR);
  assert.equal(await everything(first), "welcome\n");
  await first.close();
  const second = await connect(address);
  await second.sendAll("three\n");
  await second.close();
  await serving.says(/three/);
  serving.interrupt();
  assert.equal(await serving.code, 130);
  assert.equal(serving.output(), "one\ntwo\nthree\n");
});

test("echo, proxy and bench work together", async () => {
  const echo = start(["echo", "0"]);
  const proxy = start([
    ...["proxy", "0", `127.0.0.1:${await portOf(echo)}`],
    ...["--frame", "lines"],
  ]);
  const address = `127.0.0.1:${await portOf(proxy)}`;
  const said = await run(["connect", address], { input: text("one\ntwo\n") });
  assert.deepEqual(said, { code: 0, output: "one\ntwo\n", errors: "" });
  const args = ["bench", address, "-n", "40", "-c", "2", "-s", "100"];
  const { code, output } = await run([...args, "--json"]);
  const { roundTrips, connections, bytes, ms } = JSON.parse(output);
  assert.deepEqual([code, roundTrips, connections, bytes], [0, 40, 2, 100]);
  assert.ok(ms.min > 0 && ms.min <= ms.p50 && ms.p50 <= ms.p99);
  assert.ok(ms.p99 <= ms.max);
  proxy.interrupt();
  assert.equal(await proxy.code, 0);
  echo.interrupt();
  assert.equal(await echo.code, 0);
  assert.match(proxy.output(), /^#1 > message of 3 bytes "one"$/m);
  assert.match(proxy.output(), /^#1 < message of 3 bytes "two"$/m);
  assert.match(proxy.errors(), /3 connections, 4.0 kB > and < 4.0 kB/);
  assert.match(echo.errors(), /3 connections, 4.0 kB echoed/);
});

test("proxy tells of bytes that are no such frames and passes them on", async () => {
  const echo = start(["echo", "0"]);
  const to = `127.0.0.1:${await portOf(echo)}`;
  const proxy = start(["proxy", "0", to, "--frame", "netstring"]);
  const address = `127.0.0.1:${await portOf(proxy)}`;
  const said = await run(["connect", address], { input: text("2:hi,no") });
  assert.equal(said.output, "2:hi,no");
  for (const each of [proxy, echo]) {
    each.interrupt();
    await each.code;
  }
  assert.match(proxy.output(), /^#1 > message of 2 bytes "hi"$/m);
  assert.match(proxy.output(), /^#1 > not in such frames: /m);
});

test("proxy says which way it could not go, and resets the client", async () => {
  const server = await listen("127.0.0.1:0");
  const address = server.getSockName();
  await server.close();
  const port = address.family === "unix" ? 0 : address.port;
  const proxy = start(["proxy", "0", `127.0.0.1:${port}`]);
  const client = await connect(`127.0.0.1:${await portOf(proxy)}`);
  await proxy.says(/^#1 ! Cannot connect to .*: connection refused$/m);
  await client.close();
  proxy.interrupt();
  assert.equal(await proxy.code, 0);
});

test("bench says that a server is no echo server", () =>
  withPeer(async (peer) => {
    await peer.recvExactly(64);
    await peer.sendAll("?".repeat(64));
    await everything(peer).catch(() => {});
  }, async (address) => {
    const { code, errors } = await run(["bench", address]);
    assert.match(errors, /does not say everything again: use --frame/);
    assert.equal(code, 1);
  }));

test("connect --udp sends a datagram a line and waits for answers", async () => {
  const server = socket(AF_INET, SOCK_DGRAM);
  await server.bind(["127.0.0.1", 0]);
  const name = server.getSockName();
  const port = name.family === "unix" ? 0 : name.port;
  const args = ["connect", "--udp", "-w", "50", `127.0.0.1:${port}`];
  const client = start(args, { input: text("a\nb\n") });
  for (const wanted of ["a", "b"]) {
    const [data, from] = await server.recvFrom();
    assert.equal(new TextDecoder().decode(data), wanted);
    await server.sendTo(`${wanted}!`, from);
  }
  assert.equal(await client.code, 0);
  assert.equal(client.output(), "a!\nb!\n");
  await server.close();
});

test("doctor finds IPv4 in order and says it to programs too", async () => {
  const { code, output } = await run(["doctor", "--json"]);
  const { findings, supports, runtime } = JSON.parse(output);
  assert.equal(findings[0].ok, true);
  assert.equal(code, 0);
  assert.match(runtime, /^(deno|bun|node) \d/);
  assert.ok("abortiveClose" in supports);
});

const skip = lackOfOpenssl();

/** Ends the input behind the answer: Bun's TLS takes none behind its end. */
function askAndWait(args: string[], words: string, answer: RegExp): Run {
  let end = (): void => {};
  const answered = new Promise<void>((resolve) => end = resolve);
  const client = start(args, {
    input: (async function* () {
      yield* text(words);
      await answered;
    })(),
  });
  void client.says(answer).then(end, end);
  return client;
}

test("echo and connect speak TLS, and who is not trusted is told", async () => {
  const made = localhost();
  const [cert, key] = [
    asFile("cli.pem", made.cert),
    asFile("cli.key", made.key),
  ];
  const roots = asFile("cli-roots.pem", authority().cert);
  const echo = start(["echo", "0", "--cert", cert, "--key", key]);
  const address = `localhost:${await portOf(echo)}`;
  const args = ["connect", "--tls", "--ca", roots, "-v", address];
  const client = askAndWait(args, "hi", /hi/);
  assert.deepEqual([await client.code, client.output()], [0, "hi"]);
  assert.match(client.errors(), /^connected to 127\.0\.0\.1:\d+, TLSv1\.3, /);
  const refused = await run(["connect", "--tls", address]);
  assert.match(refused.errors, /\(TLS_CERT_UNTRUSTED\)/);
  assert.equal(refused.code, 1);
  echo.interrupt();
  await echo.code;
}, { skip });

test(
  "connect --starttls smtp goes over to TLS behind the greeting",
  () =>
    withPeer(async (peer) => {
      await peer.sendAll("220 mail\r\n");
      await peer.recvUntil("\r\n");
      await peer.sendAll("250-mail\r\n250 STARTTLS\r\n");
      assert.equal(
        new TextDecoder().decode(await peer.recvUntil("\r\n")),
        "STARTTLS",
      );
      await peer.sendAll("220 go\r\n");
      await peer.startTls({ role: "server", ...localhost() });
      const said = new TextDecoder().decode(await peer.recvUntil("\n"));
      await peer.sendAll(`over TLS: ${said}`);
      await everything(peer);
    }, async (address) => {
      const roots = asFile("cli-roots.pem", authority().cert);
      const args = ["connect", "--starttls", "smtp", "--ca", roots, address];
      const client = askAndWait(args, "hello\n", /hello/);
      assert.equal(await client.code, 0);
      assert.equal(client.output(), "over TLS: hello");
    }),
  { skip },
);

test("connect --starttls says when the server will not", () =>
  withPeer(async (peer) => {
    await peer.recvExactly(8);
    await peer.sendAll("N");
    await everything(peer).catch(() => {});
  }, async (address) => {
    const args = ["connect", "--starttls", "postgres", address];
    const { code, errors } = await run(args);
    assert.deepEqual([code, errors], [1, "anysock: The server has no TLS\n"]);
  }));
