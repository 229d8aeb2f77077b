import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import os from "node:os";
import * as constants from "../../src/constants.ts";
import {
  constantTable,
  errnoName,
  errnoTable,
  errnoText,
  errorNumber,
  platformName,
} from "../../src/runtime/platform.ts";
import {
  darwinConstants,
  darwinErrno,
  linuxConstants,
  linuxErrno,
  win32Constants,
  win32Errno,
} from "../../src/runtime/platform_tables.ts";
import { test } from "../harness.ts";
import { environment, hasProgram } from "../runtimes.ts";

const otherSystem = os.platform() !== "linux" &&
  "the numbers of Linux are compared on Linux";
const withoutPython = otherSystem ||
  !hasProgram("python3") && "python3 is not installed";

test("platformName says what the runtime says", () => {
  const known = ["linux", "darwin", "win32"].includes(os.platform());
  assert.equal(platformName(), known ? os.platform() : "linux");
});

test("errnoTable agrees with os.constants where both have a name", () => {
  const theirs: Readonly<Record<string, number>> = os.constants.errno;
  const table = errnoTable();
  const shared = Object.keys(theirs).filter((name) => name in table);
  assert.ok(shared.length >= 70, `${shared.length} names`);
  for (const name of shared) assert.equal(table[name], theirs[name], name);
});

test("every errno table has the names that the library raises", () => {
  const raised = `EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY
    EBADF EBUSY ECONNABORTED ECONNREFUSED ECONNRESET EDESTADDRREQ EEXIST
    EHOSTUNREACH EINPROGRESS EINVAL EISCONN EMFILE EMSGSIZE ENETDOWN
    ENETUNREACH ENOBUFS ENOENT ENOMEM ENOPROTOOPT ENOTCONN ENOTSOCK
    EOPNOTSUPP EPERM EPIPE EPROTO ESHUTDOWN ETIMEDOUT`.split(/\s+/);
  for (const table of [linuxErrno(), darwinErrno(), win32Errno()]) {
    for (const name of raised) assert.ok((table[name] ?? 0) > 0, name);
  }
});

test("every constant table gives flags of one kind different bits", () => {
  const kinds = ["MSG_", "AI_"];
  for (const table of [linuxConstants(), darwinConstants(), win32Constants()]) {
    for (const kind of kinds) {
      const flags = Object.entries(table)
        .filter(([name]) => name.startsWith(kind));
      const bits = flags.reduce((sum, [, value]) => sum | value, 0);
      const sum = flags.reduce((sum, [, value]) => sum + value, 0);
      assert.equal(bits, sum, `${kind} in ${JSON.stringify(table)}`);
    }
  }
});

test("constants are this platform's, each under its own name", () => {
  const exported = constants as unknown as Readonly<Record<string, unknown>>;
  const table = Object.entries(constantTable())
    .filter(([name]) => name.includes("_") && !/^(HOST|TRY|NO)_/.test(name));
  assert.ok(table.length > 100);
  for (const [name, value] of table) assert.equal(exported[name], value, name);
  assert.equal(constants.SOMAXCONN, constantTable().SOMAXCONN);
});

test("errno and strerror speak of the same errors as C", () => {
  assert.equal(constants.errno, errnoTable());
  const refused = errnoTable().ECONNREFUSED ?? 0;
  assert.equal(constants.strerror(refused), "Connection refused");
  assert.equal(constants.strerror(9_999), "Unknown error 9999");
  assert.equal(errnoName(refused), "ECONNREFUSED");
  assert.equal(errnoText("EAI_NONAME"), "Name or service not known");
  assert.equal(errnoText("EWHATEVER"), "EWHATEVER");
});

test("errorNumber knows errno, EAI_ and h_errno, and no other constant", () => {
  assert.equal(errorNumber("EPIPE"), errnoTable().EPIPE);
  assert.equal(errorNumber("EAI_AGAIN"), constantTable().EAI_AGAIN);
  assert.equal(errorNumber("HOST_NOT_FOUND"), constantTable().HOST_NOT_FOUND);
  assert.equal(errorNumber("AF_INET"), undefined);
  assert.equal(errorNumber("EWHATEVER"), undefined);
});

test("the tables of Linux agree with python3", () => {
  const { status, stdout, stderr } = spawnSync(
    "python3",
    [
      "-c",
      `import errno, json, os, socket
print(json.dumps({
  "errno": {n: v for n, v in vars(errno).items() if n[0] == "E"},
  "texts": {n: os.strerror(v) for n, v in vars(errno).items() if n[0] == "E"},
  "socket": {n: int(v) for n, v in vars(socket).items()
             if n.isupper() and isinstance(v, int)},
}))`,
    ],
    { encoding: "utf8", env: environment() },
  );
  assert.equal(status, 0, stderr);
  const python = JSON.parse(stdout) as
    & Record<
      "errno" | "socket",
      Record<string, number>
    >
    & { texts: Record<string, string> };
  const table = linuxErrno();
  for (const [name, number] of Object.entries(python.errno)) {
    assert.equal(table[name], number, name);
    assert.equal(errnoText(name), python.texts[name], name);
  }
  const ours: Readonly<Record<string, number>> = { ...linuxConstants() };
  const shared = Object.keys(python.socket).filter((name) => name in ours);
  assert.ok(shared.length >= 100, `${shared.length} names`);
  for (const name of shared) {
    assert.equal(ours[name], python.socket[name], name);
  }
}, { skip: withoutPython });

test("the addresses and ports of constants are python3's", () => {
  const names = [
    "INADDR_ANY",
    "INADDR_BROADCAST",
    "INADDR_LOOPBACK",
    "INADDR_NONE",
    "INADDR_UNSPEC_GROUP",
    "INADDR_ALLHOSTS_GROUP",
    "INADDR_MAX_LOCAL_GROUP",
    "IPPORT_RESERVED",
    "IPPORT_USERRESERVED",
  ] as const;
  const { stdout } = spawnSync(
    "python3",
    ["-c", `import socket; print([${names.map((n) => `socket.${n}`)}])`],
    { encoding: "utf8", env: environment() },
  );
  const theirs = JSON.parse(stdout) as number[];
  assert.deepEqual(names.map((name) => constants[name]), theirs);
}, { skip: withoutPython });
