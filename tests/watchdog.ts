/**
 * A deadline around something that might hang, so that a hang is a failure
 * with a name. Its timer never outlives the call.
 *
 * @module
 */

/** How long anything may take that does not say otherwise, in milliseconds. */
export const WATCHDOG_MS = 20_000;

/**
 * Settles as `work` does, or rejects once `timeoutMs` milliseconds have gone
 * by, naming `what`.
 *
 * @throws {Error} `"<what>" did not end within <timeoutMs> ms`
 */
export async function watchdog<T>(
  what: string,
  timeoutMs: number,
  work: () => T | Promise<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const bite = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`"${what}" did not end within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work(), bite]);
  } finally {
    clearTimeout(timer);
  }
}
