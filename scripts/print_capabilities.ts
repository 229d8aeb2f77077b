/**
 * Prints, as JSON, which runtime this is and what it can do. For
 * `make_options_page.ts`, which runs it on each of them.
 *
 * @module
 */

import process from "node:process";
import { capabilities } from "../mod.ts";

const { deno, bun, node } = process.versions;
const runtime = deno !== undefined
  ? `Deno ${deno}`
  : bun !== undefined
  ? `Bun ${bun}`
  : `Node ${node}`;
console.log(JSON.stringify({ runtime, supports: capabilities() }));
