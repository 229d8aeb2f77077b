/**
 * What is given as a runtime: each call that takes one looks at it first.
 */

import assert from "node:assert/strict";
import {
  AF_INET,
  capabilities,
  connect,
  fromFd,
  getAddrInfo,
  getHostName,
  ifNameIndex,
  listen,
  SOCK_STREAM,
  socket,
  socketPair,
  systemCertificates,
} from "../../mod.ts";
import {
  activation,
  BaseRequestHandler,
  serve,
  serveDatagrams,
  TcpServer,
} from "../../src/server/mod.ts";
import { test } from "../harness.ts";

const AT = "127.0.0.1:0";

const CALLS: Readonly<Record<string, (runtime: never) => unknown>> = {
  activation: (runtime) => activation({ runtime }),
  capabilities: (runtime) => capabilities(runtime),
  connect: (runtime) => connect("127.0.0.1:1", { runtime }),
  fromFd: (runtime) => fromFd(1 << 20, AF_INET, SOCK_STREAM, 0, { runtime }),
  getAddrInfo: (runtime) => getAddrInfo("localhost", 80, { runtime }),
  getHostName: (runtime) => getHostName({ runtime }),
  ifNameIndex: (runtime) => ifNameIndex({ runtime }),
  listen: (runtime) => listen(AT, { runtime }),
  serve: (runtime) => serve(AT, () => {}, { runtime }),
  serveDatagrams: (runtime) => serveDatagrams(AT, () => {}, { runtime }),
  socket: (runtime) => socket(AF_INET, SOCK_STREAM, 0, { runtime }),
  socketPair: (runtime) => socketPair({ runtime }),
  systemCertificates: (runtime) => systemCertificates({ runtime }),
  TcpServer: (runtime) =>
    new TcpServer(AT, BaseRequestHandler, { runtime, bindAndActivate: false }),
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} refuses a runtime that is none`, async () => {
    for (const runtime of [5, null, "deno", {}, { supports: {} }]) {
      await assert.rejects(
        async () => await call(runtime as never),
        { name: "TypeError", message: /^Not a runtime: / },
      );
    }
  });
}
