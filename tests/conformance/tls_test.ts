/**
 * The laws of streams over TLS, from the start and after plain talk.
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
import { columnTests, freshPath, hostName } from "./columns.ts";
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

for (const over of isQuick ? [fromStart] : [fromStart, midway]) {
  columnTests((runtime, law) => over(tcp4Maker(runtime), law), lack);
  if (isQuick) continue;
  columnTests(
    (runtime, law) => over(unixMaker(runtime, freshPath), law),
    lack,
  );
  const { name } = over(memoryMaker());
  const column = `${hostName()}/memory/${name}`;
  lawTests(column, (law) => over(memoryMaker(), law), lack);
}
