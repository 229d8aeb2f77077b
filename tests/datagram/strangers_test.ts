import assert from "node:assert/strict";
import process from "node:process";
import { AF_INET, formatAddress, SOCK_DGRAM, socket } from "../../mod.ts";
import { portOf, startProgram, watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { findRuntime, RUNTIMES, spawnRuntime } from "../runtimes.ts";
import { GROUP, groupSender } from "./multicast.ts";
import {
  missing,
  noise,
  runProgram,
  withProgram,
} from "../strangers/programs.ts";

const HOST = "127.0.0.1";
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Sends from a port of its own, and gives what comes back. */
async function ask(
  data: string | Uint8Array,
  port: number,
): Promise<Uint8Array> {
  await using sock = socket(AF_INET, SOCK_DGRAM);
  await sock.bind([HOST, 0]);
  await sock.sendTo(data, [HOST, port]);
  return (await sock.recvFrom())[0];
}

test("socat echoes our datagrams", async () => {
  const listen = `UDP4-LISTEN:0,bind=${HOST}`;
  const command = ["socat", "-d", "-d", "-b70000", listen, "PIPE"] as const;
  for (const data of ["hello", noise(1400), noise(9000)]) {
    await withProgram(command, async (socat) => {
      const [, port] = await socat.complained(/listening on .*:(\d+)\n/);
      const answer = await ask(data, Number(port));
      const sent = typeof data === "string"
        ? new TextEncoder().encode(data)
        : data;
      assert.deepEqual([...answer], [...sent]);
    });
  }
}, { skip: missing("socat") });

test("our echo example answers socat", async () => {
  const program = startProgram("examples/udp_echo.ts", "0");
  try {
    const port = await portOf(program);
    const command = ["socat", "-t1", "-", `UDP4:${HOST}:${port}`] as const;
    const said = new TextEncoder().encode("hello from socat\n");
    const { code, stdout } = await runProgram(command, said);
    assert.deepEqual([code, text(stdout)], [0, "hello from socat\n"]);
  } finally {
    await program.stop();
  }
}, { skip: missing("socat") });

const PEER = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    data, address = s.recvfrom(70000)
    if data == b"quit": break
    s.sendto(data, address)
    s.sendto(b"%d from %d" % (len(data), address[1]), address)
`;

test("python3 gets our datagrams whole, and we get its", async () => {
  await withProgram(["python3", "-c", PEER], async (python) => {
    const [, port] = await python.printed(/^(\d+)\n/);
    await using sock = socket(AF_INET, SOCK_DGRAM);
    await sock.bind([HOST, 0]);
    const own = (sock.getSockName() as { port: number }).port;
    const target = [HOST, Number(port)] as const;
    for (const size of [0, 1, 512, 65_507]) {
      const data = noise(size);
      await sock.sendTo(data, target);
      const [echo, from] = await sock.recvFrom();
      assert.deepEqual(from, {
        family: "ipv4",
        hostname: HOST,
        port: Number(port),
      });
      assert.equal(Buffer.compare(echo, data), 0);
      assert.equal(text((await sock.recvFrom())[0]), `${size} from ${own}`);
    }
    await sock.sendTo("quit", target);
    assert.equal((await python.ended).code, 0);
  });
}, { skip: missing("python3") });

const LONG = "x".repeat(200);
const RECORDS = [
  "--host-record=host.test,10.1.2.3",
  "--host-record=host6.test,fd00::1:2",
  "--cname=alias.test,host.test",
  "--txt-record=short.test,hello world",
  // Four of these are more than the 512 bytes of a plain answer.
  ...["a", "b", "c", "d"].map((each) =>
    `--txt-record=long.test,${each}${LONG}`
  ),
];

const noDns = missing("dnsmasq") || missing("dig") ||
  (process.platform !== "linux" && "only Linux answers on all of 127/8");

/** A host that is this process's alone: any port of it is free. */
const OWN_HOST = `127.${64 + (process.pid >> 16) % 64}.${
  process.pid >> 8 & 255
}.${process.pid & 255}`;
const DNS_PORT = 5_300;

test("our DNS example says what dig says of dnsmasq's records", async () => {
  const command: [string, ...string[]] = [
    "dnsmasq",
    "--no-daemon",
    "--no-resolv",
    "--no-hosts",
    "--conf-file=/dev/null",
    "--user=",
    "--bind-interfaces",
    `--listen-address=${OWN_HOST}`,
    `--port=${DNS_PORT}`,
    "--local=/test/",
    ...RECORDS,
  ];
  await withProgram(command, async (dnsmasq) => {
    await dnsmasq.complained(/started/);
    const table = [
      ["host.test", "A", false],
      ["host6.test", "AAAA", false],
      ["alias.test", "A", false],
      ["alias.test", "CNAME", false],
      ["short.test", "TXT", false],
      ["long.test", "TXT", true],
    ] as const;
    for (const [name, type, isLong] of table) {
      const server = `${OWN_HOST}:${DNS_PORT}`;
      const ours = await startProgram(
        "examples/dns_query.ts",
        server,
        name,
        type,
      )
        .ended;
      const dig = await runProgram([
        "dig",
        `@${OWN_HOST}`,
        "-p",
        `${DNS_PORT}`,
        "+short",
        name,
        type,
      ]);
      const expected = lines(text(dig.stdout))
        .filter((line) => type !== "A" || !line.endsWith("."));
      assert.equal(ours.code, 0, ours.stderr);
      assert.deepEqual(lines(ours.stdout), expected, `${name} ${type}`);
      assert.equal(expected.length > 0, true, `${name} ${type}`);
      assert.equal(/truncated/.test(ours.stderr), isLong, ours.stderr);
    }
    const none = await startProgram(
      "examples/dns_query.ts",
      `${OWN_HOST}:${DNS_PORT}`,
      "nosuch.test",
    ).ended;
    assert.deepEqual([none.code, none.stdout], [3, ""]);
  });
}, { skip: noDns, timeoutMs: 60_000 });

function lines(output: string): string[] {
  return output.split("\n").filter((line) => line !== "").sort();
}

for (const name of RUNTIMES) {
  const runtime = findRuntime(name);
  test(
    `a multicast datagram of ours reaches a listener on ${name}`,
    async () => {
      const script = "tests/datagram/multicast_listener.ts";
      const listener = watch(spawnRuntime(name, script));
      try {
        const [, port] = await listener.printed(/^(\d+)$/m);
        await using sock = await groupSender();
        await sock.sendTo("to the group", [GROUP, Number(port)]);
        const { code, stdout } = await listener.ended;
        assert.equal(code, 0);
        const own = formatAddress(sock.getSockName()).split(":").at(-1);
        assert.match(stdout, new RegExp(`^to the group .*:${own}$`, "m"));
      } finally {
        await listener.stop();
      }
    },
    { skip: typeof runtime === "string" && runtime },
  );
}
