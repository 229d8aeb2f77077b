/**
 * One line that tells how far a long transfer has come. It is shown where a
 * person looks at the standard error and the bytes themselves go elsewhere.
 *
 * @module
 */

import type { Io } from "./io.ts";
import { bytesText, timeText } from "./units.ts";

/** What is told of: both counts only grow. */
export interface Traffic {
  /** Bytes that went. */
  readonly bytesSent: number;
  /** Bytes that came. */
  readonly bytesReceived: number;
}

/** What is short needs no progress. */
const SILENT_MS = 1000;
const EVERY_MS = 200;

/** Shows progress while `work` goes on. */
export async function withProgress<T>(
  io: Io,
  traffic: Traffic,
  work: () => Promise<T>,
): Promise<T> {
  const { errors, output } = io;
  if (!errors.isTerminal || output.isTerminal) return await work();
  const start = performance.now();
  let isShown = false;
  const timer = setInterval(() => {
    const ms = performance.now() - start;
    if (ms < SILENT_MS) return;
    isShown = true;
    const text = trafficText(traffic, ms).slice(0, errors.columns - 1);
    errors.write(`\r\x1b[K${text}`).catch(() => {});
  }, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (isShown) await errors.write("\r\x1b[K").catch(() => {});
  }
}

/** What went and came, how long it took, and how fast the larger of both was. */
export function trafficText(
  { bytesSent, bytesReceived }: Traffic,
  ms: number,
): string {
  const larger = Math.max(bytesSent, bytesReceived);
  const rate = ms > 0 ? ` (${bytesText(larger / ms * 1000)}/s)` : "";
  return `${bytesText(bytesSent)} sent, ${bytesText(bytesReceived)} ` +
    `received in ${timeText(ms)}${rate}`;
}
