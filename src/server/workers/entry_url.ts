/**
 * Where the module lies that workers begin with.
 *
 * @module
 */

/**
 * The module that workers begin with: beside this one, under the same kind of
 * name, be it a source or compiled.
 */
export function workerModule(): URL {
  const { url } = import.meta;
  const extension = /\.[jt]s$/.exec(new URL(url).pathname)?.[0] ?? ".js";
  return new URL(`./server_worker${extension}`, url);
}
