#!/usr/bin/env node
/**
 * The program `anysock`: runs the command that its arguments name.
 *
 *     npx anysock connect example.com:80
 *     deno run --allow-net jsr:@anysock/anysock/cli connect example.com:80
 *
 * It is no library: it runs when it is loaded, and ends the process.
 *
 * @module
 */

import process from "node:process";
import { processIo } from "./process_io.ts";
import { runProgram } from "./program.ts";

const io = processIo();
runProgram(process.argv.slice(2), io).then((code) => {
  // A terminal that is being read would keep the process.
  process.exit(code);
});
