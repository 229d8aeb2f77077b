/**
 * The conformance table as it is published, for comparison. Made by
 * `npm run conformance`.
 *
 * @module
 */

import type { PublishedTable } from "./published_table.ts";

/** The table. */
export const PUBLISHED: PublishedTable = {
  "date": "2026-11-27",
  "versions": {
    "deno": "2.9.5",
    "bun": "1.4.5",
    "node20": "20.20.2",
    "node26": "26.10.0",
  },
  "laws": [
    "every byte arrives when both ends send at once",
    "one large write arrives whole",
    "10,000 writes of one byte arrive in order",
    "a write of no bytes sends nothing and ends nothing",
    "the memory of a write may be used again once it has settled",
    "writes at once keep their order, or are refused",
    "reads at once keep the order, or are refused",
    "a writer waits for a reader who does not read",
    "nothing is lost when a reader who waited goes on",
    "the end comes after all bytes",
    "an end without a byte is an end",
    "the end stays an end when asked again",
    "an answer comes when the asker has ended",
    "no write is taken after the end was sent",
    "last words come whole when their writer closes over unread input",
    "a read that waits settles when its own end is closed",
    "a read that waits settles when the peer closes",
    "a write that waits settles when its own end is closed",
    "close may be called twice, and at both ends at once",
    "a reset is an error, never an end, when a read waits",
    "a reset is an error, never an end, when it is right behind bytes",
    "a reset is an error, never an end, when nobody reads",
    "a read that failed fails in the same way when it is asked again",
    "a write fails in the end when the peer has reset",
  ],
  "results": {
    "deno": {
      "anysock": "++++++++++++++++++++++++",
      "deno_conn": "++++++++++++++-+++++++-+",
      "deno_conn_as_written": "~-++~~++-~++~+-+++-+++-+",
    },
    "bun": {
      "anysock": "++++++++++++++++++++++++",
      "bun_connect": "++++++++++++++~+++++++++",
      "bun_connect_as_written": "~-++~~+--~++--~++-+-----",
    },
    "node20": {
      "anysock": "++++++++++++++++++++++++",
      "node_net": "++++++++++++++-++-++-+++",
      "node_net_as_written": "++++-+++++++-+-++-++-+-+",
    },
    "node26": {
      "anysock": "++++++++++++++++++++++++",
      "node_net": "++++++++++++++-++-++++++",
      "node_net_as_written": "++++-+++++++-+-++-++++-+",
    },
  },
  "gaps": {
    "deno": {},
    "bun": {
      "the end stays an end when a send fails before it is read":
        "Bun does not tell what a refused send has met: unless the end was seen before, it is taken for a reset",
    },
    "node20": {},
    "node26": {},
  },
};
