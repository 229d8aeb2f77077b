/** The error table and the address texts of the `node:net` driver. */
import assert from "node:assert/strict";
import { hostText, inetAddress } from "../../src/runtime/node/addresses.ts";
import {
  lookupFault,
  nodeFault,
} from "../../src/runtime/node/error_mapping.ts";
import { Fault } from "../../src/runtime/seam/fault.ts";
import { test } from "../harness.ts";

/** What a runtime throws, and the C code it means. */
const FOREIGN: readonly (readonly [string, unknown, string])[] = [
  ["a C code", { code: "ECONNREFUSED", errno: -111 }, "ECONNREFUSED"],
  ["a C code with a positive errno", {
    code: "EADDRINUSE",
    errno: 98,
  }, "EADDRINUSE"],
  ["an EAI code", { code: "EAI_AGAIN", errno: -3001 }, "EAI_AGAIN"],
  ["an unknown name", { code: "ENOTFOUND", errno: 4 }, "EAI_NONAME"],
  ["a write after end", { code: "ERR_STREAM_WRITE_AFTER_END" }, "EPIPE"],
  ["a destroyed stream", { code: "ERR_STREAM_DESTROYED" }, "EBADF"],
  ["an unsupported option", { code: "ENOTSUP" }, "EOPNOTSUPP"],
  ["Node's missing permission", { code: "ERR_ACCESS_DENIED" }, "EPERM"],
  ["Deno's missing permission", { name: "NotCapable" }, "EPERM"],
  ["failures without a code of their own", {
    name: "AggregateError",
    errors: [{ code: "EHOSTUNREACH" }, { code: "ECONNREFUSED" }],
  }, "EHOSTUNREACH"],
  ["failures with a code", {
    name: "AggregateError",
    code: "ETIMEDOUT",
    errors: [{ code: "ECONNREFUSED" }],
  }, "ETIMEDOUT"],
  ["an unknown Node code", { code: "ERR_SOMETHING_NEW" }, "EIO"],
  ["a numeric code", { code: 20 }, "EIO"],
  ["nothing at all", undefined, "EIO"],
];

for (const [what, error, code] of FOREIGN) {
  test(`nodeFault makes ${code} of ${what}`, () => {
    const fault = nodeFault(error);
    assert.equal(fault.code, code);
    assert.equal(fault.cause, error);
  });
}

test("nodeFault keeps a Fault, and a text only where the code says little", () => {
  const fault = new Fault("EPIPE");
  assert.equal(nodeFault(fault), fault);
  const denied = Object.assign(new Error("needs net access"), {
    name: "NotCapable",
  });
  assert.equal(nodeFault(denied).reason, "needs net access");
  const refused = Object.assign(new Error("connect ECONNREFUSED ::1:9"), {
    code: "ECONNREFUSED",
  });
  assert.equal(nodeFault(refused).reason, undefined);
});

test("lookupFault makes EAI_NONAME of a name refused unasked", () => {
  for (const error of [{ code: "EINVAL" }, new TypeError("bad hostname")]) {
    assert.equal(lookupFault(error).code, "EAI_NONAME");
  }
  assert.equal(lookupFault({ code: "EAI_AGAIN" }).code, "EAI_AGAIN");
});

/** Addresses as `node:net` tells them. */
const ADDRESSES = [
  ["127.0.0.1", { family: "ipv4", hostname: "127.0.0.1", port: 7 }],
  ["::1", { family: "ipv6", hostname: "::1", port: 7 }],
  ["::ffff:10.0.0.1", {
    family: "ipv6",
    hostname: "::ffff:10.0.0.1",
    port: 7,
  }],
  ["fe80::1%eth0", {
    family: "ipv6",
    hostname: "fe80::1",
    port: 7,
    scopeId: "eth0",
  }],
] as const;

for (const [text, address] of ADDRESSES) {
  test(`${text} is read and written the same`, () => {
    assert.deepEqual(inetAddress(text, 7), address);
    assert.equal(hostText(address), text);
  });
}

test("a peer that is gone has no address", () => {
  assert.equal(inetAddress(undefined, undefined), undefined);
});
