import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  type DatagramSocket,
  IP_ADD_MEMBERSHIP,
  IP_ADD_SOURCE_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_UDP,
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_V6ONLY,
  SO_ACCEPTCONN,
  SO_BROADCAST,
  SO_DOMAIN,
  SO_ERROR,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_DGRAM,
  socket,
  SOL_SOCKET,
} from "../../mod.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { test } from "../harness.ts";
import {
  environment,
  findRuntime,
  hasProgram,
  repositoryRoot,
  scriptPath,
  thisRuntime,
} from "../runtimes.ts";

const { supports } = currentRuntime();
const refuses = (code: string) => ({ code, op: "setSockOpt" });

async function with4(fn: (sock: DatagramSocket) => unknown): Promise<void> {
  await using sock = socket(AF_INET, SOCK_DGRAM);
  await fn(sock);
}

test("an option that no runtime has is ENOPROTOOPT with the reason", () =>
  with4((sock) => {
    for (const [level, name] of [[IPPROTO_IP, IP_TOS], [SOL_SOCKET, 9999]]) {
      assert.throws(
        () => sock.setSockOpt(level!, name!, 1),
        {
          ...refuses("ENOPROTOOPT"),
          message: /: \w+ has no way to it on datagram sockets/,
        },
      );
    }
    assert.throws(
      () => sock.setSockOpt(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1),
      refuses("ENOPROTOOPT"),
    );
  }));

test("options of every socket are told", () =>
  with4((sock) => {
    const table = [
      [SO_TYPE, SOCK_DGRAM],
      [SO_DOMAIN, AF_INET],
      [SO_PROTOCOL, IPPROTO_UDP],
      [SO_ACCEPTCONN, 0],
      [SO_ERROR, 0],
      [SO_BROADCAST, 0],
      [SO_REUSEADDR, 0],
    ] as const;
    for (const [name, value] of table) {
      assert.equal(sock.getSockOpt(SOL_SOCKET, name), value);
    }
    assert.equal(sock.getSockOpt(SOL_SOCKET, SO_TYPE, 4).length, 4);
    assert.throws(
      () => sock.setSockOpt(SOL_SOCKET, SO_TYPE, 1),
      refuses("ENOPROTOOPT"),
    );
    assert.throws(
      () => sock.getSockOpt(IPPROTO_IP, IP_TTL),
      { code: "ENOPROTOOPT", op: "getSockOpt" },
    );
  }));

test("a value that does not fit is a TypeError or RangeError", () =>
  with4((sock) => {
    const table: readonly [
      number,
      unknown,
      typeof TypeError | typeof RangeError,
    ][] = [
      [IP_TTL, 0, RangeError],
      [IP_TTL, 256, RangeError],
      [IP_TTL, 1.5, RangeError],
      [IP_TTL, new Uint8Array(3), TypeError],
      [IP_TTL, "1", TypeError],
      [IP_MULTICAST_LOOP, 2, RangeError],
      [IP_MULTICAST_IF, new Uint8Array(3), TypeError],
      [IP_ADD_MEMBERSHIP, 1, TypeError],
      [IP_ADD_MEMBERSHIP, {}, TypeError],
      [IP_ADD_MEMBERSHIP, { group: "nowhere" }, TypeError],
      [IP_ADD_MEMBERSHIP, { group: "10.0.0.1" }, RangeError],
      [IP_ADD_MEMBERSHIP, { group: "ff02::1" }, TypeError],
      [IP_ADD_MEMBERSHIP, new Uint8Array(7), TypeError],
      [IP_ADD_SOURCE_MEMBERSHIP, { group: "232.1.1.1" }, TypeError],
    ];
    for (const [name, value, error] of table) {
      assert.throws(
        () => sock.setSockOpt(IPPROTO_IP, name, value as number),
        error,
        `${name} ${JSON.stringify(value)}`,
      );
    }
  }));

test("a broadcast is EACCES until SO_BROADCAST is set", () =>
  with4(async (sock) => {
    await sock.bind(["", 0]);
    for (const host of ["<broadcast>", "127.255.255.255"]) {
      const denied = { code: "EACCES", op: "sendTo", name: "PermissionError" };
      await assert.rejects(sock.sendTo("x", [host, 9]), denied);
    }
    sock.setSockOpt(SOL_SOCKET, SO_BROADCAST, 1);
    assert.equal(sock.getSockOpt(SOL_SOCKET, SO_BROADCAST), 1);
    const { port } = sock.getSockName() as { port: number };
    assert.equal(await sock.sendTo("to all", ["127.255.255.255", port]), 6);
    const [data] = await sock.recvFrom();
    assert.equal(new TextDecoder().decode(data), "to all");
  }));

test("SO_BROADCAST set before the bind holds", () =>
  with4(async (sock) => {
    sock.setSockOpt(SOL_SOCKET, SO_BROADCAST, new Uint8Array([1, 0, 0, 0]));
    assert.equal(await sock.sendTo("x", ["127.255.255.255", 9]), 1);
  }));

test("buffer sizes are the kernel's own, or ENOPROTOOPT", async () => {
  const reason = supports.udpBufferSizes;
  await with4(async (sock) => {
    if (typeof reason === "string") {
      for (const name of [SO_RCVBUF, SO_SNDBUF]) {
        assert.throws(() => sock.setSockOpt(SOL_SOCKET, name, 50_000), {
          ...refuses("ENOPROTOOPT"),
          message: new RegExp(reason),
        });
      }
      return;
    }
    sock.setSockOpt(SOL_SOCKET, SO_RCVBUF, 50_000);
    sock.setSockOpt(SOL_SOCKET, SO_SNDBUF, 60_000);
    await sock.bind(["127.0.0.1", 0]);
    const factor = process.platform === "linux" ? 2 : 1;
    const read = (name: number) => sock.getSockOpt(SOL_SOCKET, name);
    assert.equal(read(SO_RCVBUF), 50_000 * factor);
    assert.equal(read(SO_SNDBUF), 60_000 * factor);
    assert.equal(await sock.sendTo("x", sock.getSockName()), 1);
    assert.equal((await sock.recvFrom())[0].length, 1);
  });
});

test("SO_REUSEADDR lets two sockets share a port, before the bind alone", async () => {
  await using first = socket(AF_INET, SOCK_DGRAM);
  await using second = socket(AF_INET, SOCK_DGRAM);
  for (const sock of [first, second]) {
    sock.setSockOpt(SOL_SOCKET, SO_REUSEADDR, 1);
    assert.equal(sock.getSockOpt(SOL_SOCKET, SO_REUSEADDR), 1);
  }
  await first.bind(["127.0.0.1", 0]);
  await second.bind(first.getSockName());
  assert.deepEqual(second.getSockName(), first.getSockName());
  const late = { ...refuses("ENOPROTOOPT"), message: /before the bind/ };
  assert.throws(() => first.setSockOpt(SOL_SOCKET, SO_REUSEADDR, 0), late);
});

test("SO_REUSEPORT lets two sockets share a port, or is ENOPROTOOPT", async () => {
  await using first = socket(AF_INET, SOCK_DGRAM);
  await using second = socket(AF_INET, SOCK_DGRAM);
  const set = () => {
    for (const sock of [first, second]) {
      sock.setSockOpt(SOL_SOCKET, SO_REUSEPORT, 1);
    }
  };
  if (typeof supports.udpReusePort === "string") {
    return assert.throws(set, refuses("ENOPROTOOPT"));
  }
  set();
  await first.bind(["127.0.0.1", 0]);
  await second.bind(first.getSockName());
  assert.deepEqual(second.getSockName(), first.getSockName());
});

test("IPV6_V6ONLY keeps IPv4 out, and lets it have the port", async () => {
  await using six = socket(AF_INET6, SOCK_DGRAM);
  await using four = socket(AF_INET, SOCK_DGRAM);
  six.setSockOpt(IPPROTO_IPV6, IPV6_V6ONLY, 1);
  await six.bind(["::", 0]);
  const { port } = six.getSockName() as { port: number };
  await four.bind(["", port]);
  await assert.rejects(six.sendTo("x", ["127.0.0.1", port]), { op: "sendTo" });
});

test("an unknown interface is ENODEV, never another one", async () => {
  await using sock = socket(AF_INET6, SOCK_DGRAM);
  await sock.bind(["::", 0]);
  const gone = { group: "ff02::1234", interface: "nosuchif" };
  assert.throws(
    () => sock.setSockOpt(IPPROTO_IPV6, IPV6_JOIN_GROUP, gone),
    refuses("ENODEV"),
  );
  assert.throws(
    () => sock.setSockOpt(IPPROTO_IPV6, IPV6_MULTICAST_IF, 4711),
    refuses("ENODEV"),
  );
});

test("a group joined twice is EADDRINUSE, one not joined EADDRNOTAVAIL", () =>
  with4(async (sock) => {
    await sock.bind(["", 0]);
    const group = { group: "239.7.7.7", interface: "127.0.0.1" };
    const set = (name: number) => () =>
      sock.setSockOpt(IPPROTO_IP, name, group);
    set(IP_ADD_MEMBERSHIP)();
    assert.throws(set(IP_ADD_MEMBERSHIP), refuses("EADDRINUSE"));
    set(IP_DROP_MEMBERSHIP)();
    assert.throws(set(IP_DROP_MEMBERSHIP), refuses("EADDRNOTAVAIL"));
  }));

test("an option that fails at the bind leaves the socket unbound", () =>
  with4(async (sock) => {
    const group = { group: "239.7.7.7", interface: "203.0.113.9" };
    sock.setSockOpt(IPPROTO_IP, IP_ADD_MEMBERSHIP, group);
    await assert.rejects(sock.bind(["127.0.0.1", 0]), { op: "bind" });
    assert.equal((sock.getSockName() as { port: number }).port, 0);
  }));

test("a multicast datagram reaches those who joined, until they leave", () =>
  with4(async (sock) => {
    const group = { group: "239.7.7.8", interface: "127.0.0.1" };
    await sock.bind(["", 0]);
    const to = ["239.7.7.8", (sock.getSockName() as { port: number }).port];
    sock.setSockOpt(IPPROTO_IP, IP_MULTICAST_IF, { interface: "127.0.0.1" });
    sock.setSockOpt(IPPROTO_IP, IP_MULTICAST_TTL, 1);
    sock.setSockOpt(IPPROTO_IP, IP_ADD_MEMBERSHIP, group);
    await sock.sendTo("all", to as [string, number]);
    assert.equal((await sock.recvFrom())[0].length, 3);
    sock.setSockOpt(IPPROTO_IP, IP_DROP_MEMBERSHIP, group);
    await sock.sendTo("gone", to as [string, number]);
    const late = sock.recvFrom({ timeoutMs: 50 });
    await assert.rejects(late, { code: "ETIMEDOUT" });
  }));

test("a Unix socket has no options of IP", async () => {
  await using sock = socket(AF_UNIX, SOCK_DGRAM);
  assert.throws(
    () => sock.setSockOpt(SOL_SOCKET, SO_BROADCAST, 1),
    refuses("ENOPROTOOPT"),
  );
  assert.throws(
    () => sock.setSockOpt(IPPROTO_IPV6, IPV6_LEAVE_GROUP, { group: "ff02::1" }),
    refuses("ENOPROTOOPT"),
  );
});

/** What a system call looks like once the option has reached the kernel. */
const REACHED: readonly (readonly [RegExp, string | true])[] = [
  [/SO_BROADCAST, \[1\]/, true],
  [/SO_REUSEADDR, \[1\]/, true],
  [/SOL_IP, IP_TTL, \[7\]/, true],
  [/IP_MULTICAST_TTL, \[3\]/, true],
  [/IP_MULTICAST_LOOP, \[0\]/, true],
  [/IP_MULTICAST_IF, \[16777343\]/, true],
  [/IP_ADD_MEMBERSHIP, .*239\.7\.7\.9.*127\.0\.0\.1/, true],
  [/IP_DROP_MEMBERSHIP, .*239\.7\.7\.9/, true],
  [/IP_ADD_SOURCE_MEMBERSHIP, /, true],
  [/IP_DROP_SOURCE_MEMBERSHIP, /, true],
  [/SO_RCVBUF, \[50000\]/, supports.udpBufferSizes as string | true],
  [/SO_SNDBUF, \[60000\]/, supports.udpBufferSizes as string | true],
  [/SO_REUSEPORT, \[1\]/, supports.udpReusePort as string | true],
  [/IPV6_V6ONLY, \[1\]/, true],
  [/IPV6_UNICAST_HOPS, \[7\]/, supports.udpIpv6Hops as string | true],
  [/IPV6_MULTICAST_HOPS, \[3\]/, supports.udpIpv6Hops as string | true],
  [/IPV6_MULTICAST_LOOP, \[0\]/, true],
  [/IPV6_MULTICAST_IF, \[1\]/, true],
  [/IPV6_(ADD_MEMBERSHIP|JOIN_GROUP), .*ff02::1234.*"lo"/, true],
  [/IPV6_(DROP_MEMBERSHIP|LEAVE_GROUP), .*ff02::1234/, true],
];

const noTrace = !hasProgram("strace")
  ? "strace is not installed"
  : spawnSync("strace", ["-f", "--seccomp-bpf", "-e", "trace=none", "true"])
        .status !== 0 &&
    "this system forbids strace";

test("every option that is accepted reaches the kernel", () => {
  const runtime = findRuntime(thisRuntime());
  if (typeof runtime === "string") throw new Error(runtime);
  const script = scriptPath(runtime, "tests/datagram/set_all_options.ts");
  // With seccomp, calls of other names do not stop for strace.
  const traced = ["-f", "--seccomp-bpf", "-qq"]
    .concat("-e", "trace=setsockopt", "-e", "signal=none");
  const { stdout, stderr, status } = spawnSync("strace", [
    ...traced,
    runtime.command,
    ...runtime.args,
    script,
  ], { encoding: "utf8", cwd: repositoryRoot(), env: environment() });
  assert.equal(status, 0, stderr.slice(-2000));
  const refused = new Set(JSON.parse(stdout) as string[]);
  for (const [call, support] of REACHED) {
    const reached = stderr.split("\n").some((line) =>
      call.test(line) && / = 0$/.test(line)
    );
    assert.equal(reached, support === true, `${call}: ${support}`);
  }
  const reasons = new Set(
    REACHED.map(([, support]) => support).filter((each) => each !== true),
  );
  const texts = [...refused];
  for (const reason of reasons) {
    assert.ok(texts.some((text) => text.includes(reason)), reason);
  }
}, { skip: noTrace, timeoutMs: 60_000 });
