/**
 * Sockets that send files badly.
 *
 * @module
 */

import type { ReadableFile } from "../../../src/socket/mod.ts";
import type { Saboteur } from "../saboteur.ts";
import { failsWith, outlivesItsSignal, queues } from "./kit.ts";

/** Sockets that send files badly. */
export const SENDING_FILES: readonly Saboteur[] = [
  {
    does: "sendFile counts a byte too few",
    breaks: [
      "sendFile sends a file to its end and gives the count",
      "sendFile sends count bytes from offset, of whatever can be read",
      "sendFile sends a web stream, part of it too, and unlocks it",
    ],
    stream: {
      sendFile: async (right, args) => (await right(...args) as number) - 1,
    },
  },
  {
    does: "sendFile goes on behind its abort",
    breaks: [
      "an aborted sendFile is over in that turn, a read under way or not",
      "sendFile opens nothing when its signal is aborted already",
    ],
    stream: { sendFile: outlivesItsSignal },
  },
  {
    does: "a second sendFile waits for the first",
    breaks: ["sendFile is one send: another meanwhile is EBUSY"],
    stream: { sendFile: queues },
  },
  {
    does: "sendFile reads all of the file before it sends",
    breaks: [
      "a timed-out sendFile tells bytesSent, and the file stands behind it",
      "sendFile is no further ahead of the peer than 128 KiB",
    ],
    stream: {
      sendFile: async (right, [file, ...rest]) => {
        const { read } = file as ReadableFile;
        const pieces: Uint8Array[] = [];
        for (;;) {
          const buffer = new Uint8Array(65_536);
          const count = await read.call(file as ReadableFile, buffer);
          if (typeof count !== "number" || count === 0) break;
          pieces.push(buffer.subarray(0, count));
        }
        const whole = new ReadableStream({
          pull: (controller) => {
            const piece = pieces.shift();
            if (piece === undefined) controller.close();
            else controller.enqueue(piece);
          },
        });
        return right(whole, ...rest);
      },
    },
  },
  {
    does: "sendFile tells every failure as EIO",
    breaks: [
      "sendFile fails with what reading failed with, and the socket lives",
      "close ends a sendFile that waits for its file",
      "a file over a socket goes on while its socket sends a file",
    ],
    stream: { sendFile: failsWith("EIO") },
  },
];
