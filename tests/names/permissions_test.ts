import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { rowsOf } from "../../src/names/table.ts";
import { watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { findRuntime, scriptPath, spawnRuntime } from "../runtimes.ts";
import { runProgram } from "../strangers/programs.ts";
import { noOracle } from "./oracle.ts";

const deno = findRuntime("deno");
const skip = typeof deno === "string" && deno;

/** The lines that the fixture prints under these permissions. */
async function lines(
  flags: readonly string[],
  calls: readonly string[],
): Promise<string[]> {
  const program = watch(
    spawnRuntime("deno", "tests/fixtures/names/allowed.ts", calls, {
      denoFlags: ["--no-check", ...flags],
    }),
  );
  try {
    const { code, stdout, stderr } = await program.ended;
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout.trim().split("\n");
  } finally {
    await program.stop();
  }
}

const LOCAL_HTTP = '[{"family":2,"type":1,"proto":6,"address":' +
  '{"family":"ipv4","hostname":"127.0.0.1","port":80}}]';
const DENIED = "PermissionError EPERM";

interface Case {
  readonly flags: readonly string[];
  readonly answers: Readonly<Record<string, string>>;
}

const cases: Readonly<Record<string, Case>> = {
  "no permission": {
    flags: [],
    answers: {
      numeric: LOCAL_HTTP,
      own: LOCAL_HTTP,
      numericInfo: '["127.0.0.1","http"]',
      getServByName: "53",
      getServByPort: '"https"',
      getProtoByName: "17",
      getHostName: DENIED,
      name: DENIED,
      getHostByName: DENIED,
      getHostByNameEx: DENIED,
      getHostByAddr: DENIED,
      getFqdn: DENIED,
      getNameInfo: DENIED,
    },
  },
  "--allow-net=localhost": {
    flags: ["--allow-net=localhost"],
    answers: {
      name: LOCAL_HTTP,
      getHostByName: '"127.0.0.1"',
      getHostByNameEx:
        '{"hostname":"localhost","aliases":[],"addresses":["127.0.0.1"]}',
      canonical: LOCAL_HTTP.replace(
        "}}]",
        '},"canonName":"localhost"}]',
      ),
      getHostByAddr: DENIED,
    },
  },
  "--allow-net=127.0.0.1": {
    flags: ["--allow-net=127.0.0.1"],
    answers: {
      getHostByAddr:
        '{"hostname":"localhost","aliases":[],"addresses":["127.0.0.1"]}',
      getFqdn: '"localhost"',
      getNameInfo: '["localhost","http"]',
      name: DENIED,
    },
  },
  "--allow-net=127.0.0.1:80": {
    flags: ["--allow-net=127.0.0.1:80"],
    answers: { getNameInfo: '["localhost","http"]', getHostByAddr: DENIED },
  },
  "--allow-sys=hostname": {
    flags: ["--allow-sys=hostname"],
    answers: { getHostName: '"string"', name: DENIED },
  },
};

for (const [name, { flags, answers }] of Object.entries(cases)) {
  test(`Deno's name services with ${name} do what that allows`, async () => {
    assert.deepEqual(
      await lines(flags, Object.keys(answers)),
      Object.entries(answers).map((entry) => entry.join(" ")),
    );
  }, { skip });
}

/** Whether the hosts file has this host, so that no name server is asked. */
function isInHostsFile(): boolean {
  if (!existsSync("/etc/hosts")) return false;
  return rowsOf(readFileSync("/etc/hosts", "utf8"))
    .some(([address, ...names]) =>
      address === "127.0.0.1" && names.includes(hostname())
    );
}

test("Deno asks the name server for aliases only where it may", async () => {
  const own = hostname();
  const flags = ["--allow-sys=hostname", `--allow-net=${own}`];
  assert.deepEqual(await lines(flags, ["ownEx", "ownCanonical"]), [
    `ownEx {"hostname":"${own}","aliases":[],"addresses":["127.0.0.1"]}`,
    `ownCanonical ${DENIED}`,
  ]);
}, { skip: skip || !isInHostsFile() && "the hosts file lacks this host" });

test(
  "Deno reads the files of services and protocols where it may",
  async () => {
    const flags = ["--allow-read=/etc/services,/etc/protocols"];
    const program = ["getServByName", "getProtoByName"];
    assert.deepEqual(await lines(flags, program), [
      "getServByName 53",
      "getProtoByName 17",
    ]);
  },
  { skip },
);

/** Runs a program on a terminal of its own, where Deno would ask. */
const ON_A_TERMINAL = `
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
`;

test(
  "Deno asks nothing on a terminal for what needs no permission",
  async () => {
    assert.ok(typeof deno !== "string");
    const flags = ["run", "--quiet", "--no-check", "--allow-net=localhost"];
    const script = scriptPath(deno, "tests/fixtures/names/allowed.ts");
    const calls = [
      "numeric",
      "getServByName",
      "getHostByNameEx",
      "numericInfo",
    ];
    const command = [deno.command, ...flags, script, ...calls];
    const { code, stdout } = await runProgram(
      ["python3", "-c", ON_A_TERMINAL, ...command],
    );
    const text = new TextDecoder().decode(stdout).replaceAll("\r", "");
    assert.deepEqual([code, text.trim().split("\n")], [0, [
      `numeric ${LOCAL_HTTP}`,
      "getServByName 53",
      'getHostByNameEx {"hostname":"localhost","aliases":[],' +
      '"addresses":["127.0.0.1"]}',
      'numericInfo ["127.0.0.1","http"]',
    ]]);
  },
  { skip: skip || noOracle },
);
