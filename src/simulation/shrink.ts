/**
 * Delta debugging (Zeller's *ddmin*): the smallest part of a list with which
 * something still fails, in few tries. Pure.
 *
 * @module
 */

/**
 * Looks for a smaller list for which `fails` gives the list that took part in
 * the failure; `undefined` means that it holds. Ends after `most` tries.
 *
 * @returns the smallest list found, and how many tries it took
 */
export async function ddmin<T>(
  items: readonly T[],
  fails: (kept: readonly T[]) => Promise<readonly T[] | undefined>,
  most: number,
): Promise<{ readonly items: readonly T[]; readonly tries: number }> {
  let best = items;
  let parts = 2;
  let tries = 0;
  // With none at all first: often it is the code alone that is wrong.
  if (best.length > 0 && tries < most) {
    tries++;
    const found = await fails([]);
    if (found !== undefined) return { items: [], tries };
  }
  while (best.length > 1 && tries < most) {
    const size = Math.ceil(best.length / parts);
    let smaller: readonly T[] | undefined;
    for (let at = 0; at < best.length && tries < most; at += size) {
      tries++;
      const kept = [...best.slice(0, at), ...best.slice(at + size)];
      const found = await fails(kept);
      if (found === undefined || found.length >= best.length) continue;
      smaller = found;
      break;
    }
    if (smaller !== undefined) {
      best = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(best.length, parts * 2);
  }
  return { items: best, tries };
}
