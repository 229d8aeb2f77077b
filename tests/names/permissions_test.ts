import assert from "node:assert/strict";
import { watch } from "../examples/programs.ts";
import { findRuntime, spawnRuntime } from "../runtimes.ts";
import { test } from "../harness.ts";

const deno = findRuntime("deno");
const skip = typeof deno === "string" && deno;

/** The lines that the fixture prints under these permissions. */
async function lines(
  flags: readonly string[],
  calls: readonly string[],
): Promise<string[]> {
  const program = watch(
    spawnRuntime("deno", "tests/fixtures/names/allowed.ts", calls, {
      // Without --no-prompt a question would be a hang, or at least be heard.
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
