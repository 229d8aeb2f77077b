/** Descriptors that python3 hands over, and those that runtimes tell. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as a from "../../mod.ts";
import { test } from "../harness.ts";
import { environment, repositoryRoot, thisRuntime } from "../runtimes.ts";
import { missing } from "../strangers/programs.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { commandOf, ended } from "./traced.ts";

const skip = missing("python3");
const here = thisRuntime();
/** Deno needs no permission for what it was handed. */
const PLAIN = { denoFlags: ["--no-prompt"] };

const GIVER = `
import os, socket, subprocess, sys
kind, command = sys.argv[1], sys.argv[2:]
server = socket.create_server(("127.0.0.1", 0))
def run(ours, theirs=None, **more):
    child = subprocess.Popen(command, stdin=theirs, **more)
    if theirs: theirs.close()
    for fd in more.get("pass_fds", []): os.close(fd)
    ours.settimeout(10)
    try:
        ours.sendall(b"hello"); ours.shutdown(socket.SHUT_WR)
        answer = b""
        while data := ours.recv(100): answer += data
    except OSError as error:
        answer = type(error).__name__.encode()
    print(answer.decode(), flush=True)
    child.wait(10)
if kind == "listen":
    address, fd = server.getsockname(), server.detach()
    if fd != 3: os.dup2(fd, 3); os.close(fd)
    os.set_inheritable(3, True)
    run(socket.create_connection(address), pass_fds=[3])
elif kind == "file":
    run(socket.socketpair()[0], open(os.devnull))
else:
    if kind == "unix":
        ours, theirs = socket.socketpair()
    else:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
    run(ours, theirs)
`;

interface Handed {
  readonly answer: string;
  readonly said: Readonly<Record<string, unknown>>;
}

async function hand(
  kind: string,
  script: string,
  args: readonly string[],
): Promise<Handed> {
  const command = commandOf(script, args, PLAIN);
  const child = spawn("python3", ["-c", GIVER, kind, ...command], {
    cwd: repositoryRoot(),
    env: environment(),
  });
  const { stdout, stderr } = await ended(child);
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return {
    answer: stdout.trim(),
    said: last.startsWith("{") ? JSON.parse(last) : { stderr },
  };
}

const TAKES = "tests/fixtures/options/takes.ts";
const told = (fd: number) => here === "deno" ? "EOPNOTSUPP" : fd;

test(
  "a connected TCP descriptor becomes a socket when it is standard input",
  async () => {
    const { answer, said } = await hand("stream", TAKES, ["stream", "0"]);
    assert.equal(answer, "hello");
    assert.deepEqual(said, {
      shown: "<Socket AF_INET SOCK_STREAM 127.0.0.1:n → 127.0.0.1:n open>",
      told: told(0),
      after: -1,
    });
  },
  { skip },
);

test(
  "a connected Unix descriptor becomes a socket when it is standard input",
  async () => {
    const { answer, said } = await hand("unix", TAKES, ["unix", "0"]);
    assert.equal(answer, "hello");
    assert.equal(said.told, told(0));
  },
  { skip },
);

test(
  "a listening descriptor accepts when it is handed over as number 3",
  async () => {
    const { answer, said } = await hand("listen", TAKES, ["listen", "3"]);
    assert.equal(answer, "hello");
    assert.match(String(said.shown), /^<Socket AF_INET .* listening>$/);
    assert.deepEqual([said.told, said.after], [told(3), -1]);
  },
  { skip },
);

const refusals = [
  ["a descriptor of another family", "stream", ["stream", "0", "inet6"], {
    code: "EAFNOSUPPORT",
    op: "socket",
  }],
  ["a Unix descriptor said to be TCP", "unix", ["stream", "0", "inet"], {
    code: "EAFNOSUPPORT",
    op: "socket",
  }],
  ["a listener of another family", "listen", ["listen", "3", "inet6"], {
    code: "EAFNOSUPPORT",
    op: "fromFd",
  }],
  ["a connected descriptor said to listen", "stream", ["listen", "0"], {
    code: "EINVAL",
    op: "fromFd",
  }],
  ["a file", "file", ["stream", "0"], { code: "ENOTSOCK", op: "socket" }],
  ["a number that is not open", "stream", ["stream", "77"], {
    code: "EBADF",
    op: "socket",
  }],
] as const;

for (const [what, kind, args, expected] of refusals) {
  test(`${what} is refused by its code when taken`, async () => {
    assert.deepEqual((await hand(kind, TAKES, args)).said, expected);
  }, { skip });
}

test("the inetd example answers when it is handed a connection", async () => {
  const { answer } = await hand("stream", "examples/inetd.ts", []);
  assert.equal(answer, "HELLO");
}, { skip });

test("fileno is the runtime's own number when the socket is open", async () => {
  await using server = await a.listen("127.0.0.1:0");
  const sock = await a.connect(server.getSockName());
  if (here === "deno") {
    assert.throws(() => sock.fileno(), { code: "EOPNOTSUPP", op: "fileno" });
  } else {
    assert.ok(Number.isInteger(sock.fileno()) && sock.fileno() > 2);
    assert.notEqual(sock.fileno(), server.fileno());
  }
  await sock.close();
  assert.equal(sock.fileno(), -1);
});

test("fileno is EOPNOTSUPP when there is no connection yet", () => {
  assert.throws(() => a.socket(a.AF_INET).fileno(), {
    code: "EOPNOTSUPP",
    message: /before connect or listen/,
  });
});

for (
  const [what, fd, error] of [
    ["a negative number", -1, RangeError],
    ["a fraction", 0.5, RangeError],
    ["a text", "0", TypeError],
  ] as const
) {
  test(`fromFd is a ${error.name} when given ${what}`, () => {
    const take = () => a.fromFd(fd as number, a.AF_INET, a.SOCK_STREAM);
    assert.throws(take, error);
  });
}

test("fromFd is EOPNOTSUPP when the runtime has no descriptors", () => {
  const runtime = memoryNetwork();
  assert.throws(
    () => a.fromFd(5, a.AF_INET, a.SOCK_STREAM, 0, { runtime }),
    { code: "EOPNOTSUPP", message: /memory network/ },
  );
});
