/**
 * The version of the package, which `deno.json` rules.
 *
 * @module
 */

/** As `deno.json` says; a gate holds both together. */
export const VERSION = "0.1.0";
