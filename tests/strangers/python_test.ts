import assert from "node:assert/strict";
import { connect, SHUT_WR, type StreamSocket } from "../../mod.ts";
import { test } from "../harness.ts";
import {
  collect,
  missing,
  noise,
  runProgram,
  sha256,
  type Stranger,
  withProgram,
} from "./programs.ts";
import { withOurServer } from "./serving.ts";

const skip = missing("python3");
const BODY = noise(8 * 2 ** 20 + 5);

/** What the scripts share. */
const HELPERS = `
import hashlib, socket, struct, sys
def read_all(sock):
    hash = hashlib.sha256()
    while True:
        data = sock.recv(65536)
        if not data:
            return hash.hexdigest()
        hash.update(data)
def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
def accept():
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    return server.accept()[0]
`;

function python(script: string, ...args: (string | number)[]): [
  string,
  ...string[],
] {
  return ["python3", "-c", HELPERS + script, ...args.map(String)];
}

async function call(stranger: Stranger): Promise<StreamSocket> {
  const [, port] = await stranger.printed(/^(\d+)\n/);
  return await connect(["127.0.0.1", Number(port)]);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim();
}

test(
  "a Python client sends much, half-closes, and reads the answer",
  async () => {
    await withOurServer(["127.0.0.1", 0], async (conn) => {
      const { digest } = await collect(conn);
      await conn.sendAll([digest, BODY]);
    }, async (port) => {
      const script = python(
        `
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sock.sendall(sys.stdin.buffer.read())
sock.shutdown(socket.SHUT_WR)
digest = b""
while len(digest) < 64:
    digest += sock.recv(64 - len(digest))
print(digest.decode(), read_all(sock))
`,
        port,
      );
      const { code, stdout, stderr } = await runProgram(script, BODY);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.equal(text(stdout), `${sha256(BODY)} ${sha256(BODY)}`);
    });
  },
  { skip },
);

test("a Python client that writes byte by byte is read whole", async () => {
  await withOurServer(["127.0.0.1", 0], async (conn) => {
    for (let line = 0; line < 20; line++) {
      await conn.sendAll([await conn.recvUntil("\n"), "!"]);
    }
  }, async (port) => {
    const script = python(
      `
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for line in range(20):
    for letter in b"line %d\\n" % line:
        sock.send(bytes([letter]))
answer = b""
while data := sock.recv(100):
    answer += data
sys.stdout.buffer.write(answer)
`,
      port,
    );
    const { code, stdout, stderr } = await runProgram(script);
    assert.deepEqual([code, stderr], [0, ""]);
    const lines = Array.from({ length: 20 }, (_, n) => `line ${n}!`);
    assert.equal(text(stdout), lines.join(""));
  });
}, { skip });

test("a Python client's reset is ECONNRESET after its bytes", async () => {
  const seen: unknown[] = [];
  await withOurServer(["127.0.0.1", 0], async (conn) => {
    seen.push(text(await conn.recvExactly(5)));
    await conn.sendAll("go");
    try {
      seen.push(await conn.recv());
    } catch (error) {
      seen.push((error as { code?: string }).code);
    }
  }, async (port) => {
    const script = python(
      `
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sock.sendall(b"hello")
assert sock.recv(2, socket.MSG_WAITALL) == b"go"
reset(sock)
`,
      port,
    );
    const { code, stderr } = await runProgram(script);
    assert.deepEqual([code, stderr], [0, ""]);
  });
  assert.deepEqual(seen, ["hello", "ECONNRESET"]);
}, { skip });

test(
  "a Python server that half-closes first still gets all we send",
  async () => {
    const script = python(`
conn = accept()
conn.sendall(b"all I have to say")
conn.shutdown(socket.SHUT_WR)
print(read_all(conn))
`);
    await withProgram(script, async (stranger) => {
      const sock = await call(stranger);
      assert.equal(text(await sock.recvExactly(17)), "all I have to say");
      assert.equal(await sock.recv(), null);
      await sock.sendAll(BODY);
      assert.equal(await sock.recv(), null, "EOF stays EOF");
      await sock.close();
      const { code, stdout, stderr } = await stranger.ended;
      assert.deepEqual([code, stderr], [0, ""]);
      assert.equal(text(stdout).split("\n")[1], sha256(BODY));
    });
  },
  { skip },
);

test("a Python server answers after our half-close", async () => {
  const script = python(`
conn = accept()
digest = read_all(conn)
for _ in range(64):
    conn.sendall(bytes(range(256)) * 512)
conn.sendall(digest.encode())
conn.close()
`);
  await withProgram(script, async (stranger) => {
    const sock = await call(stranger);
    await sock.sendAll(BODY);
    await sock.shutdown(SHUT_WR);
    const block = Uint8Array.from({ length: 256 * 512 * 64 }, (_, i) => i);
    assert.equal(sha256(await sock.recvExactly(block.length)), sha256(block));
    assert.equal(text(await sock.recvExactly(64)), sha256(BODY));
    assert.equal(await sock.recv(), null);
    await sock.close();
    assert.equal((await stranger.ended).code, 0);
  });
}, { skip });

test("a Python server's reset fails the pending receive", async () => {
  const script = python(`
conn = accept()
conn.recv(3, socket.MSG_WAITALL)
reset(conn)
`);
  await withProgram(script, async (stranger) => {
    const sock = await call(stranger);
    const pending = sock.recv();
    await sock.sendAll("bye");
    await assert.rejects(pending, {
      name: "ConnectionResetError",
      code: "ECONNRESET",
      op: "recv",
    });
    await sock.close();
    assert.equal((await stranger.ended).code, 0);
  });
}, { skip });

test("a Python server that does not read stops our sender", async () => {
  const script = python(`
conn = accept()
sys.stdin.read(1)
print(read_all(conn))
`);
  await withProgram(script, async (stranger) => {
    const sock = await call(stranger);
    let sent = 0;
    try {
      // Far more than the kernel holds for both ends together.
      for (; sent < 64; sent++) await sock.sendAll(BODY, { timeoutMs: 500 });
      assert.fail("64 times 8 MiB went to one that reads nothing");
    } catch (error) {
      assert.equal((error as { code?: string }).code, "ETIMEDOUT");
    }
    const partial = sock.bytesSent - sent * BODY.length;
    stranger.say("x");
    await sock.sendAll(BODY.subarray(partial));
    await sock.close();
    const { code, stdout, stderr } = await stranger.ended;
    assert.deepEqual([code, stderr], [0, ""]);
    const all = Array.from({ length: sent + 1 }, () => BODY);
    assert.equal(text(stdout).split("\n")[1], sha256(...all));
  });
}, { skip });
