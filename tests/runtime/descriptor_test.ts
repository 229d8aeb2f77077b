/** Descriptors that are said to listen and cannot. */

import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { AF_INET, fromFd, SOCK_STREAM } from "../../mod.ts";
import { test } from "../harness.ts";

/** More than any test opens. */
const NOT_OPEN = 99_999;

test("fromFd of a listener is EBADF when the descriptor is not open", () => {
  assert.throws(() => listener(NOT_OPEN), { code: "EBADF", op: "fromFd" });
});

test("fromFd of a listener is ENOTSOCK for a file, and leaves it open", () => {
  const fd = openSync("package.json", "r");
  assert.throws(() => listener(fd), { code: "ENOTSOCK", op: "fromFd" });
  closeSync(fd);
});

function listener(fd: number): unknown {
  return fromFd(fd, AF_INET, SOCK_STREAM, 0, { listening: true });
}
