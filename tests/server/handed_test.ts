/** Descriptors that are handed over as listeners, and are none. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { commandOf, ended } from "../options/traced.ts";
import { test } from "../harness.ts";
import { environment, repositoryRoot, thisRuntime } from "../runtimes.ts";
import { missing } from "../strangers/programs.ts";

const SCRIPT = "tests/fixtures/server/handed.ts";
const HERE = thisRuntime();

/** Opens one of each kind, and becomes the command, which is told of them. */
const GIVER = `
import os, socket, sys, tempfile
folder = tempfile.mkdtemp()
def unix(name, kind=socket.SOCK_STREAM):
    sock = socket.socket(socket.AF_UNIX, kind)
    sock.bind(os.path.join(folder, name))
    return sock
listens = socket.create_server(("127.0.0.1", 0))
bound = socket.socket()
bound.bind(("127.0.0.1", 0))
unix_listens, seqpacket = unix("a"), unix("b", socket.SOCK_SEQPACKET)
unix_listens.listen()
seqpacket.listen()
datagram = socket.socket(type=socket.SOCK_DGRAM)
datagram.bind(("127.0.0.1", 0))
handed = [
    ("listens", "inet", listens), ("bound", "inet", bound),
    ("fresh", "inet", socket.socket()), ("datagram", "inet", datagram),
    ("connected", "inet", socket.create_connection(listens.getsockname())),
    ("unix listens", "unix", unix_listens), ("unix bound", "unix", unix("c")),
    ("unix datagram", "unix", unix("d", socket.SOCK_DGRAM)),
    ("seqpacket", "unix", seqpacket), ("pair", "unix", socket.socketpair()[0]),
    ("file", "inet", open(os.devnull)),
]
for name, family, each in handed:
    os.set_inheritable(each.fileno(), True)
args = [f"{name}:{family}:{each.fileno()}" for name, family, each in handed]
os.execvp(sys.argv[1], sys.argv[1:] + args + ["not open:inet:777"])
`;

async function hand(...args: readonly string[]): Promise<unknown> {
  const command = commandOf(SCRIPT, args);
  const child = spawn("python3", ["-c", GIVER, ...command], {
    cwd: repositoryRoot(),
    env: environment(),
  });
  const { stdout, stderr } = await ended(child);
  assert.match(stdout, /^\{/, stderr);
  return JSON.parse(stdout);
}

const CERTAIN = {
  "listens": "listens",
  "datagram": "EINVAL",
  "connected": "EINVAL",
  "unix listens": "listens",
  "unix bound": "EINVAL",
  "unix datagram": "EINVAL",
  "seqpacket": "EINVAL",
  "pair": "EINVAL",
  "file": "ENOTSOCK",
  "not open": "EBADF",
};

const skip = missing("python3");

test("a descriptor that does not listen is told by its code", async () => {
  // A TCP socket that nobody has connected is in none of the kernel's tables.
  const made = { bound: "listens", fresh: "listens" };
  assert.deepEqual(await hand(), { ...CERTAIN, ...made });
}, { skip });

test("the kernel itself is asked whether a descriptor listens", async () => {
  const refused = { bound: "EINVAL", fresh: "EINVAL" };
  assert.deepEqual(await hand("posix"), { ...CERTAIN, ...refused });
}, { skip: HERE.startsWith("node20") ? "Node 20 has no node:ffi" : skip });
