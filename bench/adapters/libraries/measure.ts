/**
 * One round of one row, as a process of its own: what is measured is the CPU
 * time of the whole process, per operation, once its code is warm.
 *
 * @module
 */

import process from "node:process";
import { run } from "../../../tests/integrations/kit.ts";

/** The port of the server. */
export const PORT: number = Number(process.argv[2]);
const [, , , name = "", sockets = "ours", scale = "1"] = process.argv;

/** Whether the library is to use its own sockets. */
export const isOwn: boolean = sockets === "own";

/** One row. */
export interface Work {
  /** How many operations count; half as many are done before, to warm up. */
  readonly count: number;
  /** Does so many of them. */
  readonly run: (count: number) => Promise<unknown>;
}

/** Measures the row that was asked for. `open` gives all, and how to end. */
export async function measure(
  open: () => Promise<{
    readonly rows: Readonly<Record<string, Work>>;
    readonly close: () => unknown;
  }>,
): Promise<void> {
  await run(async () => {
    const { rows, close } = await open();
    const row = rows[name];
    if (row === undefined) throw new Error(`no row ${name}`);
    const count = row.count * Number(scale);
    await row.run(Math.ceil(count / 2));
    const before = process.cpuUsage();
    await row.run(count);
    const { user, system } = process.cpuUsage(before);
    console.log(`micros ${(user + system) / count}`);
    await close();
  });
}
