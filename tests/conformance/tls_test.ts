/**
 * The laws of streams over TLS, from the start and after plain talk: over TCP
 * on each driver, over memory on each runtime. How it begins and what it lies
 * on have nothing to do with each other, so that not all pairs are run.
 *
 * @module
 */

import {
  type Law,
  memoryMaker,
  type StreamMaker,
  tcp4Maker,
  tlsMaker,
  unixMaker,
} from "../../src/testing/mod.ts";
import { isQuick } from "../quick.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { thisRuntime } from "../runtimes.ts";
import { columnTests, freshPath, ownColumnTests } from "./columns.ts";
import { lawTests } from "./law_tests.ts";
import { COUNTING } from "./tls_gaps.ts";

const lack = lackOfOpenssl();

/** TLS over a maker's streams, from the start or in mid-stream. */
type Over = (maker: StreamMaker, law?: Law) => StreamMaker;

function overTls(maker: StreamMaker, plainBytes?: number): StreamMaker {
  if (lack !== undefined) return maker;
  return tlsMaker(maker, {
    client: { ca: authority().cert, serverName: "localhost" },
    server: localhost(),
    plainBytes,
  });
}

const fromStart: Over = (maker) => overTls(maker);
const midway: Over = (maker, law) =>
  overTls(maker, law !== undefined && COUNTING.test(law.name) ? 0 : 1024);

columnTests((runtime) => fromStart(tcp4Maker(runtime)), lack);
if (!isQuick) {
  ownColumnTests((runtime, law) => midway(tcp4Maker(runtime), law), lack);
  ownColumnTests((runtime) => fromStart(unixMaker(runtime, freshPath)), lack);
  const { name } = midway(memoryMaker());
  const column = `${thisRuntime()}/memory/${name}`;
  lawTests(column, (law) => midway(memoryMaker(), law), lack);
}
