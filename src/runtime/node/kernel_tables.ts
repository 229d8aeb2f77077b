/**
 * What Linux tells of a descriptor in `/proc`, where no call of a runtime does.
 * A socket of another network namespace, one of MPTCP, and one of TCP that is
 * neither connected nor listens are in no table: of these nothing is known.
 *
 * @module
 */

import { platformName } from "../platform.ts";
import { Fault } from "../seam/fault.ts";
import { fsModule } from "./native.ts";

/** A table of sockets: where its rows tell what they are about. */
interface Table {
  readonly name: string;
  readonly inodeAt: number;
  /** Whether a row is one of a stream that listens. */
  readonly listens: (row: readonly string[]) => boolean;
}

/** The state of a row of TCP that listens. */
const TCP_LISTEN = "0A";
/** The flag of a row of a Unix socket that listens. */
const UNIX_ACCEPTS = 0x10000;
const UNIX_STREAM = "0001";

const never = () => false;

const TABLES: readonly Table[] = [
  ...["tcp", "tcp6"].map((name) => ({
    name,
    inodeAt: 9,
    listens: (row: readonly string[]) => row[3] === TCP_LISTEN,
  })),
  {
    name: "unix",
    inodeAt: 6,
    listens: (row) =>
      row[4] === UNIX_STREAM && (Number(`0x${row[3]}`) & UNIX_ACCEPTS) !== 0,
  },
  { name: "udp", inodeAt: 9, listens: never },
  { name: "udp6", inodeAt: 9, listens: never },
];

/**
 * Throws a Fault if the tables tell that a descriptor is not open, `EBADF`, no
 * socket, `ENOTSOCK`, or no stream that listens, `EINVAL`. Elsewhere than on
 * Linux, and on Deno without `--allow-all`, they cannot be read.
 */
export function demandListening(fd: number): void {
  if (platformName() !== "linux") return;
  const target = targetOf(fd);
  if (target === undefined) return;
  const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
  if (inode === undefined) throw new Fault("ENOTSOCK");
  for (const table of TABLES) {
    const row = rowOf(table, inode);
    if (row === undefined) continue;
    if (table.listens(row)) return;
    throw new Fault("EINVAL", undefined, "it does not listen");
  }
}

function targetOf(fd: number): string | undefined {
  try {
    return fsModule().readlinkSync(`/proc/self/fd/${fd}`);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") return undefined;
    throw new Fault("EBADF", error);
  }
}

function rowOf(
  { name, inodeAt }: Table,
  inode: string,
): readonly string[] | undefined {
  let text: string;
  try {
    text = fsModule().readFileSync(`/proc/self/net/${name}`, "utf8");
  } catch {
    return undefined;
  }
  return text.split("\n")
    .filter((line) => line.includes(inode))
    .map((line) => line.trim().split(/ +/))
    .find((row) => row[inodeAt] === inode);
}
