/**
 * The examples of servers, asked by the programs that people ask them with.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import process from "node:process";
import { test } from "../harness.ts";
import { hasProgram, spawnRuntime, thisRuntime } from "../runtimes.ts";
import {
  asFile,
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { call, portOf, type Program, startProgram, watch } from "./programs.ts";

/** Runs an example for as long as `use` takes. */
async function during(
  name: string,
  args: readonly string[],
  use: (port: number, program: Program) => Promise<void>,
): Promise<void> {
  const program = startProgram(`examples/${name}.ts`, ...args);
  try {
    await use(await portOf(program), program);
  } finally {
    await program.stop();
  }
}

/** What a program says, which must end well. */
async function said(
  program: string,
  args: readonly string[],
  input = "",
): Promise<string> {
  const child = spawn(program, args);
  child.stdin.end(input);
  const { code, stdout, stderr } = await watch(child).ended;
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Not by `child.kill()`: on Deno that tells no exit code, and works once. */
function kill({ pid }: ChildProcess): void {
  process.kill(pid!, "SIGTERM");
}

function without(program: string): string | false {
  return !hasProgram(program) && `${program} is missing`;
}

test("socketserver answers in capitals over TCP", async () => {
  await during("socketserver", ["tcp", "0"], async (port, program) => {
    const peer = await call(port);
    peer.socket.write("Hello");
    await peer.heard("HELLO");
    peer.socket.end(", world");
    assert.equal(await peer.all, "HELLO, WORLD");
    await program.printed(/127\.0\.0\.1:\d+ wrote 5/);
  });
});

test("socketserver answers in capitals over UDP", async () => {
  await during("socketserver", ["udp", "0"], async (port) => {
    const client = createSocket("udp4");
    client.send("Hello", port, "127.0.0.1");
    const [answer] = await once(client, "message");
    assert.equal(String(answer), "HELLO");
    client.close();
  });
});

test("serve_echo lets its clients finish when it is told to stop", async () => {
  const child = spawnRuntime(thisRuntime(), "examples/serve_echo.ts", ["0"]);
  const program = watch(child);
  try {
    const peer = await call(await portOf(program));
    peer.socket.write("Hello");
    await peer.heard("Hello");
    kill(child);
    assert.equal(await peer.all, "Hello");
    const { code, stdout, stderr } = await program.ended;
    assert.equal(stderr, "");
    assert.match(stdout, /^Stopped: 1 finished, 0 reset$/m);
    assert.equal(code, 0);
  } finally {
    await program.stop();
  }
});

test("serve_echo resets who does not finish at a second signal", async () => {
  const child = spawnRuntime(
    thisRuntime(),
    "tests/fixtures/server/stubborn.ts",
  );
  const program = watch(child);
  try {
    const peer = await call(await portOf(program));
    peer.socket.on("error", () => {});
    peer.socket.write("x");
    await program.printed(/served/);
    kill(child);
    await program.printed(/stopping/);
    kill(child);
    const { code, stdout } = await program.ended;
    assert.match(stdout, /^0 finished, 1 reset$/m);
    assert.equal(code, 0);
  } finally {
    await program.stop();
  }
});

test("http_server serves curl, and keeps its connection", async () => {
  await during("http_server", ["0"], async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const log = ["-s", "-w", "%{http_code} %{num_connects}\\n"];
    const out = await said("curl", [...log, `${url}/`, `${url}/`, `${url}/no`]);
    assert.equal(out, "Hello, world\n200 1\nHello, world\n200 0\n404 0\n");
    const body = "x".repeat(500_000);
    const posted = await said("curl", [
      ...["-s", "--data-binary", "@-", `${url}/echo`],
    ], body);
    assert.ok(posted === body, `${posted.length} bytes came back`);
    const head = await said("curl", ["-sI", `${url}/`]);
    assert.match(head, /^HTTP\/1\.1 200 OK\r\nContent-Length: 13\r\n/);
    const large = await said("curl", [
      ...["-s", "-w", "%{http_code}", "--data-binary", "@-", `${url}/echo`],
    ], body.repeat(3));
    assert.equal(large, "413");
  });
}, { skip: without("curl") });

test("http_server serves ab, whose connections are kept", async () => {
  await during("http_server", ["0"], async (port) => {
    const out = await said("ab", [
      ...["-k", "-q", "-n", "2000", "-c", "20"],
      `http://127.0.0.1:${port}/`,
    ]);
    assert.match(out, /^Complete requests: +2000$/m);
    assert.match(out, /^Failed requests: +0$/m);
    assert.match(out, /^Keep-Alive requests: +2000$/m);
    assert.doesNotMatch(out, /Non-2xx/);
  });
}, { skip: without("ab") });

const BAD_REQUESTS: readonly (readonly [string, string, RegExp])[] = [
  ["no request", "hello\r\n\r\n", /^HTTP\/1\.1 400/],
  ["no host", "GET / HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400/],
  [
    "two lengths",
    "POST /echo HTTP/1.0\r\nContent-Length: 1\r\n" +
    "content-length: 2\r\n\r\nxx",
    /^HTTP\/1\.1 400/,
  ],
  [
    "a negative length",
    "POST /echo HTTP/1.0\r\nContent-Length: -1\r\n\r\n",
    /400/,
  ],
  [
    "chunks",
    "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    /411/,
  ],
  ["two hosts", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", /400/],
  [
    "spaces for hours",
    `GET / HTTP/1.0\r\nA:${" ".repeat(16_000)}\n\r\n\r\n`,
    /400/,
  ],
  ["a field without a colon", "GET / HTTP/1.1\r\nhostx\r\n\r\n", /400/],
  ["a field folded", "GET / HTTP/1.0\r\nA: b\r\n c\r\n\r\n", /400/],
  ["much of a head", `GET / HTTP/1.0\r\nA: ${"b".repeat(20_000)}`, /431/],
];

test("http_server refuses what it should, and answers in a pipeline", async () => {
  await during("http_server", ["0"], async (port) => {
    for (const [name, request, answer] of BAD_REQUESTS) {
      const peer = await call(port);
      peer.socket.write(request);
      assert.match(await peer.all, answer, name);
    }
    const peer = await call(port);
    const one = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    peer.socket.write(
      one.repeat(9) + one.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
    );
    const all = await peer.all;
    assert.equal(all.split("Hello, world\n").length, 11);
    assert.equal(all.match(/keep-alive/g)?.length, 9);
  });
});

test("redis_server serves redis-cli", async () => {
  await during("redis_server", ["0"], async (port) => {
    const commands = [
      ...["PING", "SET a 1", "GET a", "INCR a", "INCR b", "GET none"],
      ...["SET t text", "INCR t", "EXISTS a", "DEL a b none", "NO", "GET"],
    ];
    const out = await said("redis-cli", ["-p", `${port}`], commands.join("\n"));
    assert.deepEqual(out.trim().split("\n").filter((line) => line !== ""), [
      ...["PONG", "OK", "1", "2", "1", "OK"],
      "ERR value is not an integer or out of range",
      ...["1", "2", "ERR unknown command 'NO'"],
      "ERR wrong number of arguments",
    ]);
  });
}, { skip: without("redis-cli") });

test("redis_server serves redis-benchmark in a pipeline", async () => {
  await during("redis_server", ["0"], async (port) => {
    const out = await said("redis-benchmark", [
      ...["-p", `${port}`, "-n", "5000", "-P", "64", "-c", "10", "-q"],
      ...["-t", "ping_mbulk,set,get,incr"],
    ]);
    assert.match(out, /GET: [\d.]+ requests per second/);
    assert.doesNotMatch(out, /error/i);
  });
}, { skip: without("redis-benchmark") });

test("redis_server is told values in pieces, and refuses what is none", async () => {
  await during("redis_server", ["0"], async (port) => {
    const peer = await call(port);
    for (
      const piece of ["*3\r", "\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r", "\nb\r\n"]
    ) {
      peer.socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await peer.heard("+OK");
    peer.socket.write("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
    await peer.heard("$4\r\na\r\nb\r\n");
    // Bytes that are no text, and more answers than a string may hold.
    const size = 1_000_000;
    peer.socket.write("*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$4\r\n");
    peer.socket.write(Uint8Array.of(0x80, 0x9f, 0, 0xff, 13, 10));
    peer.socket.write("*2\r\n$3\r\nGET\r\n$1\r\nb\r\n");
    await peer.heard("$4\r\n\ufffd\ufffd\0\ufffd\r\n");
    peer.socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nl\r\n$${size}\r\n`);
    peer.socket.write(`${"x".repeat(size)}\r\n`);
    const greedy = await call(port);
    greedy.socket.pause();
    greedy.socket.write("*2\r\n$3\r\nGET\r\n$1\r\nl\r\n".repeat(2000));
    peer.socket.write("*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n$2\r\nNX\r\n");
    await peer.heard("wrong number");
    greedy.socket.destroy();
    for (const bad of ["GET k\r\n", "*1\r\n:3\r\n", "*-1\r\n", "*9999\r\n"]) {
      const other = await call(port);
      other.socket.write(bad);
      assert.match(await other.all, /^-ERR Protocol error/);
    }
    await peer.leave();
  });
});

test(
  "smtp_sink takes mail from smtplib, plainly and over STARTTLS",
  async () => {
    const { cert, key } = localhost();
    const files = [asFile("mail.pem", cert), asFile("mail.key", key)];
    await during("smtp_sink", ["0", ...files], async (port, program) => {
      const out = await said("python3", [
        ...["tests/fixtures/server/mail.py", `${port}`],
        asFile("mail-ca.pem", authority().cert),
      ]);
      assert.deepEqual(out.trim().split("\n"), [
        ...["True", "{}", "220", "False TLSv1.3", "{}", "503 250 503"],
      ]);
      const { 0: log } = await program.printed(/Subject: plain\n[^]*secret\n/);
      assert.match(log, /Subject: plain\n/);
      await program.printed(
        /^a@example.org to b@example.org c@example.org: 30 bytes, plain, /m,
      );
      await program.printed(/to b@example.org: 221 bytes, TLSv1.3, Subject/);
    });
  },
  { skip: without("python3") || (lackOfOpenssl() ?? false) },
);

test(
  "smtp_sink takes mail from swaks, and refuses what it should",
  async () => {
    await during("smtp_sink", ["0"], async (port) => {
      const out = await said("swaks", [
        ...["--server", `127.0.0.1:${port}`, "--helo", "here", "--pipeline"],
        ...["--from", "a@example.org", "--to", "b@example.org"],
      ]);
      assert.match(out, /250 Taken/);
      const peer = await call(port);
      await peer.heard("220 ");
      peer.socket.write("STARTTLS\r\nRCPT TO:<a>\r\nMAIL FROM:a\r\nDATA\r\n");
      peer.socket.write(`${"x".repeat(5000)}`);
      assert.match(await peer.all, /^220 .*\r\n(503 .*\r\n){4}500 .*\r\n$/);
    });
  },
  { skip: without("swaks") },
);

test(
  "smtp_sink takes no command for one of TLS that came before it",
  async () => {
    const { cert, key } = localhost();
    const files = [asFile("mail.pem", cert), asFile("mail.key", key)];
    await during("smtp_sink", ["0", ...files], async (port) => {
      const peer = await call(port);
      let text = "";
      peer.socket.on("data", (piece) => text += piece);
      peer.socket.on("error", () => {});
      const over = once(peer.socket, "close");
      await peer.heard("220 ");
      peer.socket.write("STARTTLS\r\nNOOP\r\n");
      await over;
      assert.match(text, /Go ahead/);
      assert.doesNotMatch(text, /250/);
    });
  },
  { skip: lackOfOpenssl() ?? false },
);

test("balancer shares clients out and says who they are", async () => {
  const backends = [
    watch(
      spawnRuntime(thisRuntime(), "tests/fixtures/server/backend.ts", ["a"]),
    ),
    watch(
      spawnRuntime(thisRuntime(), "tests/fixtures/server/backend.ts", ["b"]),
    ),
  ];
  try {
    const ports = await Promise.all(backends.map(portOf));
    const targets = [
      "127.0.0.1:1",
      ...ports.map((port) => `127.0.0.1:${port}`),
    ];
    await during("balancer", ["0", ...targets], async (port) => {
      const seen = new Set<string>();
      for (let i = 0; i < 4; i++) {
        const peer = await call(port);
        const { localPort } = peer.socket;
        // The end of one direction leaves the other open.
        peer.socket.end("Hello");
        const [, name, text] = /^(\w) (.*)$/.exec(await peer.all) ?? [];
        assert.equal(text, `127.0.0.1:${localPort} Hello`);
        seen.add(name!);
      }
      assert.deepEqual([...seen].sort(), ["a", "b"]);
    });
  } finally {
    await Promise.all(backends.map((each) => each.stop()));
  }
});
