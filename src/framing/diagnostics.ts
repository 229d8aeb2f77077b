/**
 * The events of framing, for sockets that are framed while somebody listens:
 * whether anybody does is asked once for each, and no message pays for it.
 *
 * @module
 */

import type { ByteWriter } from "../byteorder/mod.ts";
import type { ByteStream } from "../contracts.ts";
import { EventPoint } from "../diagnostics.ts";
import { END } from "../iterate.ts";
import type { Encoder } from "./codec.ts";
import { NONE } from "./decoding/pull_decoder.ts";
import type { Found } from "./frame_reader.ts";

/** A message was taken by a receive: `{ message, stream }`. */
const received = new EventPoint("framing", "receive");

/** A message was given to a send: `{ message, stream }`. */
const sent = new EventPoint("framing", "send");

/** Bytes were no messages: `{ error, stream }`. */
const failed = new EventPoint("framing", "error");

/** Takes frames and tells of each, if anybody listens. */
export function watchedTake<T>(
  stream: ByteStream,
  take: () => Found<T>,
  messagesOf: (found: T) => readonly unknown[],
): () => Found<T> {
  if (!received.isHeard && !failed.isHeard) return take;
  return () => {
    try {
      const found = take();
      if (found !== NONE && found !== END) {
        for (const message of messagesOf(found as T)) {
          received.publish({ message, stream });
        }
      }
      return found;
    } catch (error) {
      failed.publish({ error, stream });
      throw error;
    }
  };
}

/** Encodes messages and tells of each, if anybody listens. */
export function watchedEncoder<In>(
  stream: ByteStream,
  encoder: Encoder<In>,
): Encoder<In> {
  if (!sent.isHeard) return encoder;
  return {
    encode: (message) => encoder.encode(message),
    encodeInto(message: In, out: ByteWriter) {
      encoder.encodeInto(message, out);
      sent.publish({ message, stream });
    },
  };
}
