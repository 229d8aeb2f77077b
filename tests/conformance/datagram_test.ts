/**
 * Every law of datagrams × kind × driver.
 *
 * @module
 */

import assert from "node:assert/strict";
import { AF_UNIX, SOCK_DGRAM } from "../../src/constants.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { memoryNetwork } from "../../src/runtime/memory.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import { socket } from "../../src/socket/mod.ts";
import {
  checkDatagramLaw,
  type DatagramMaker,
  memoryUdpMaker,
  udp4Maker,
  udp6Maker,
  unixgramMaker,
  whyNotDatagram,
} from "../../src/testing/datagram_law.ts";
import { datagramLaws } from "../../src/testing/laws/datagram.ts";
import { test } from "../harness.ts";
import { isQuick } from "../quick.ts";
import { thisRuntime } from "../runtimes.ts";
import { freshName, freshPath, lackOfIPv6 } from "./columns.ts";

const WATCHDOG_MS = 15_000;

function column(
  name: string,
  make: () => DatagramMaker,
  missing?: string,
): void {
  for (const law of datagramLaws) {
    test(
      `${name}: ${law.name}`,
      () => checkDatagramLaw(law, make(), { watchdogMs: WATCHDOG_MS }),
      {
        timeoutMs: 2 * WATCHDOG_MS + 1_000,
        skip: missing ?? whyNotDatagram(law, make()),
      },
    );
  }
}

column("memory/udp4", memoryUdpMaker);
if (!isQuick) {
  column("memory/udp6", () => udp6Maker(memoryNetwork()));
  column("memory/unixgram", () => unixgramMaker(memoryNetwork(), freshPath));
}

const native = currentRuntime();
const drivers: readonly (readonly [string, Runtime])[] = native.name === "node"
  ? [["node:dgram", native]]
  : [["native", native], ["node:dgram", nodeRuntime()]];

for (const [driver, runtime] of drivers) {
  const host = `${thisRuntime()}/${driver}`;
  column(`${host}/udp4`, () => udp4Maker(runtime));
  if (isQuick) break;
  column(`${host}/udp6`, () => udp6Maker(runtime), lackOfIPv6());
  const { unixDatagrams } = runtime.supports;
  if (typeof unixDatagrams !== "string") {
    const abstract = () => `\0${freshName()}`;
    column(`${host}/abstract`, () => unixgramMaker(runtime, abstract));
    column(`${host}/unixgram`, () => unixgramMaker(runtime, freshPath));
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
