/**
 * Numbers for people.
 *
 * @module
 */

/** So many bytes: `512 B`, `1.5 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** So much time: `85 us`, `1.25 ms`, `3.2 s`. */
export function timeText(ms: number): string {
  if (ms < 0.9995) return `${(ms * 1000).toFixed(0)} us`;
  if (ms < 999.5) return `${ms.toPrecision(3)} ms`;
  return `${(ms / 1000).toPrecision(3)} s`;
}

/** `1 connection`, `2 connections`. */
export function connectionsText(count: number): string {
  return count === 1 ? "1 connection" : `${count} connections`;
}
