/**
 * Every law of datagrams × kind × driver; those of the other kinds of memory
 * are in `memory_datagram_test.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { AF_UNIX, SOCK_DGRAM } from "../../src/constants.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import { socket } from "../../src/socket/mod.ts";
import {
  memoryUdpMaker,
  udp4Maker,
  udp6Maker,
  unixgramMaker,
} from "../../src/testing/datagram_law.ts";
import { test } from "../harness.ts";
import { isQuick } from "../quick.ts";
import { thisRuntime } from "../runtimes.ts";
import { freshName, freshPath, lackOfIPv6 } from "./columns.ts";
import { datagramLawTests } from "./datagram_law_tests.ts";

datagramLawTests("memory/udp4", memoryUdpMaker);

const native = currentRuntime();
const drivers: readonly (readonly [string, Runtime])[] = native.name === "node"
  ? [["node:dgram", native]]
  : [["native", native], ["node:dgram", nodeRuntime()]];

for (const [driver, runtime] of drivers) {
  const host = `${thisRuntime()}/${driver}`;
  datagramLawTests(`${host}/udp4`, () => udp4Maker(runtime));
  if (isQuick) break;
  datagramLawTests(`${host}/udp6`, () => udp6Maker(runtime), lackOfIPv6());
  const { unixDatagrams } = runtime.supports;
  if (typeof unixDatagrams !== "string") {
    const abstract = () => `\0${freshName()}`;
    datagramLawTests(
      `${host}/abstract`,
      () => unixgramMaker(runtime, abstract),
    );
    datagramLawTests(
      `${host}/unixgram`,
      () => unixgramMaker(runtime, freshPath),
    );
    continue;
  }
  test(`${host}: a Unix datagram socket is EOPNOTSUPP, with the reason`, async () => {
    const sock = socket(AF_UNIX, SOCK_DGRAM, 0, { runtime });
    await assert.rejects(sock.bind({ path: freshPath() }), (error: Error) => {
      assert.equal((error as { code?: string }).code, "EOPNOTSUPP");
      assert.ok(error.message.includes(unixDatagrams), error.message);
      return true;
    });
    await sock.close();
  });
}
