/** Options with pointers in their values, which `usePosix()` refuses. */

import assert from "node:assert/strict";
import {
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  SOL_SOCKET,
} from "../../mod.ts";
import { LibcOptions } from "../../src/posix/options.ts";
import { pointerName } from "../../src/posix/pointers.ts";
import { test } from "../harness.ts";

const skip = process.platform !== "linux" && "the numbers are Linux's";

test("an option is refused by name when its value holds pointers", () => {
  const table = [
    [SOL_SOCKET, 26, "SO_ATTACH_FILTER"],
    [SOL_SOCKET, 51, "SO_ATTACH_REUSEPORT_CBPF"],
    [IPPROTO_TCP, 35, "TCP_ZEROCOPY_RECEIVE"],
    [IPPROTO_IP, 64, "an option of netfilter"],
    [IPPROTO_IP, 127, "an option of netfilter"],
    [IPPROTO_IPV6, 64, "an option of netfilter"],
    // IPV6_TCLASS is IPv6's own.
    [IPPROTO_IPV6, 67, undefined],
    [IPPROTO_IP, 63, undefined],
    [SOL_SOCKET, 12, undefined],
  ] as const;
  for (const [level, name, known] of table) {
    assert.equal(pointerName(level, name), known, `${level}/${name}`);
  }
}, { skip });

test("usePosix says why it passes no pointers when asked to", () => {
  const options = new LibcOptions(undefined as never, undefined as never);
  assert.throws(() => options.check(SOL_SOCKET, 26), {
    code: "ENOPROTOOPT",
    reason: /no pointers.*SO_ATTACH_FILTER/,
  });
  options.check(SOL_SOCKET, 12);
}, { skip });
