/**
 * Parsers of text, given anything: each gives a value that it writes as it
 * reads it, or says that it is none, and throws nothing else. Those of bytes
 * are tried like this beside their other tests: codecs in `framing/`, PROXY
 * headers in `server/proxy/`, hellos and certificates in `tls/`.
 */

import type * as FastCheck from "fast-check";
import assert from "node:assert/strict";
import process from "node:process";
import { formatAddress, parseAddress, toEndpoint } from "../../src/address.ts";
import {
  inetAton,
  inetNtop,
  inetPton,
  Struct,
} from "../../src/byteorder/mod.ts";
import { AF_INET, AF_INET6 } from "../../src/constants.ts";
import { entriesOf } from "../../src/names/table.ts";
import { sockaddrText } from "../../src/posix/sockaddr.ts";
import { Networks } from "../../src/server/networks.ts";
import { certificatesOf } from "../../src/tls/pem.ts";
import { fc, texts } from "../framing/fast_check.ts";
import { test } from "../harness.ts";
import { isQuick } from "../quick.ts";
import { RUNTIMES, thisRuntime } from "../runtimes.ts";

const OPTIONS = {
  seed: 7 + RUNTIMES.indexOf(thisRuntime()),
  numRuns: Number(process.env["FAST_CHECK_RUNS"] ?? (isQuick ? 50 : 300)),
};

function check<T>(property: FastCheck.IPropertyWithHooks<T>): void {
  fc.assert(property, OPTIONS);
}

/** What is thrown is the caller's mistake. */
function refused(error: unknown): undefined {
  assert.ok(
    error instanceof TypeError || error instanceof RangeError,
    `${error}`,
  );
}

function tried<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    return refused(error);
  }
}

/** Texts of what addresses consist of, and others. */
function made(
  of: readonly string[],
  maxLength = 12,
): FastCheck.Arbitrary<string> {
  const pieces = fc.array(fc.constantFrom(...of), { maxLength });
  return fc.oneof(pieces.map((all) => all.join("")), texts(20));
}

const ADDRESSES = made([
  ..."[]:.%@/-0".split(""),
  ...["1", "255", "256", "65535", "65536", "007", "::", "fe80", "ffff", "eth0"],
  ...["unix:", "localhost", "127.0.0.1", "[::1]:80", "\0", "bücher", "a.b"],
]);

test("parseAddress gives what formatAddress writes, or refuses the text", () => {
  check(fc.property(ADDRESSES, (text) => {
    const address = tried(() => parseAddress(text));
    if (address === undefined) return;
    const written = formatAddress(address);
    assert.deepEqual(parseAddress(written), address);
    assert.equal(formatAddress(parseAddress(written)), written);
  }));
});

test("an endpoint of any value is one that can be written, or refused", () => {
  const values = fc.oneof(
    fc.record({
      hostname: ADDRESSES,
      port: fc.oneof(fc.integer(), fc.double()),
    }),
    fc.record({ path: ADDRESSES }),
    fc.tuple(ADDRESSES, fc.integer()),
    fc.anything(),
  );
  check(fc.property(values, (value) => {
    const endpoint = tried(() => toEndpoint(value as string, "any"));
    if (endpoint === undefined) return;
    const again = parseAddress(formatAddress(endpoint));
    assert.deepEqual(toEndpoint(endpoint, "any"), endpoint);
    assert.equal(formatAddress(again), formatAddress(endpoint));
  }));
});

test("inetPton and inetAton read what inetNtop writes, or refuse the text", () => {
  check(fc.property(ADDRESSES, (text) => {
    for (const family of [AF_INET, AF_INET6] as const) {
      const bytes = legal(() => inetPton(family, text));
      if (bytes === undefined) continue;
      assert.deepEqual(inetPton(family, inetNtop(family, bytes)), bytes);
    }
    const bytes = legal(() => inetAton(text));
    if (bytes !== undefined) assert.equal(bytes.length, 4);
  }));

  function legal<T>(parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      const { code } = error as { code?: string };
      return code === "EINVAL" ? undefined : refused(error);
    }
  }
});

test("blocks of addresses are read, and judge any address, or are refused", () => {
  const blocks = made([
    ..."/.:",
    "0",
    "8",
    "10",
    "24",
    "32",
    "128",
    "129",
    "::",
    "fe80",
    "10.0.0.0",
    "unix",
  ]);
  check(fc.property(blocks, ADDRESSES, (text, hostname) => {
    const networks = tried(() => new Networks([text]));
    if (networks === undefined) return;
    const has = networks.has({ family: "ipv4", hostname, port: 0 });
    assert.equal(typeof has, "boolean");
  }));
});

const FORMATS = made([..."<>!=xcbB?hHiIlLqQefdsp", "0", "3", "12", " "], 10)
  .map((format) => `<${format}`);

test("a format packs what it has unpacked, or is refused", () => {
  const bytes = fc.uint8Array({ maxLength: 64 });
  check(fc.property(FORMATS, bytes, (format, given) => {
    const struct = tried(() => new Struct<string>(format));
    if (struct === undefined || struct.size > 10_000) return;
    const memory = new Uint8Array(struct.size);
    memory.set(given.subarray(0, struct.size));
    const values = struct.unpack(memory);
    const again = struct.unpack(Reflect.apply(struct.pack, struct, values));
    assert.deepEqual(again, values);
    tried(() => struct.unpack(given));
  }));
});

test("a table of the system is read, whatever stands in it", () => {
  const tables = made([
    "\n",
    "\t",
    " ",
    "#",
    "http",
    "80/tcp",
    "\0",
    "127.0.0.1",
  ], 30);
  check(fc.property(tables, (text) => {
    for (const entry of entriesOf(text)) assert.equal(typeof entry, "object");
  }));
});

test("PEM is read or refused, and no time is lost on it", () => {
  const pem = made([
    "-----BEGIN CERTIFICATE-----",
    "-----END CERTIFICATE-----",
    ...["-----BEGIN ", "-----", "-", "\n", "AAAA", "MIIB", "=", "CERTIFICATE"],
  ], 40);
  check(
    fc.property(pem, (text) => void tried(() => certificatesOf(text, "ca"))),
  );
  const long = "-----BEGIN CERTIFICATE-----".repeat(20_000);
  const start = performance.now();
  tried(() => certificatesOf(long, "ca"));
  assert.ok(performance.now() - start < 5_000);
});

test("an address of the kernel's is read, whatever its bytes", () => {
  check(
    fc.property(fc.uint8Array({ minLength: 128, maxLength: 128 }), (bytes) => {
      const text = sockaddrText(bytes);
      if (text === undefined) return;
      assert.equal(typeof text, "string");
    }),
  );
});
