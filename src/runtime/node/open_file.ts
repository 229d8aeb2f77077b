/**
 * Files by `node:fs`, for Node and for Bun.
 *
 * @module
 */

import type { RawFile } from "../seam/files.ts";
import { demandRegular } from "../seam/files.ts";
import { builtin } from "./builtins.ts";
import { nodeFault } from "./error_mapping.ts";

/** The members of a `FileHandle` that are used. */
interface Handle {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

/** The members of `node:fs/promises` that are used. */
interface Files {
  stat(path: string): Promise<{ isFile(): boolean; isDirectory(): boolean }>;
  open(path: string, flags: "r"): Promise<Handle>;
}

function files(): Files {
  return builtin<Files>("node:fs/promises");
}

class NodeFile implements RawFile {
  readonly #handle: Handle;
  #position: number;

  constructor(handle: Handle, position: number) {
    this.#handle = handle;
    this.#position = position;
  }

  async read(buffer: Uint8Array): Promise<number> {
    try {
      const { bytesRead } = await this.#handle
        .read(buffer, 0, buffer.length, this.#position);
      this.#position += bytesRead;
      return bytesRead;
    } catch (error) {
      throw nodeFault(error);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Opens a file for reading from `offset` on. */
export async function openNodeFile(
  path: string,
  offset: number,
): Promise<RawFile> {
  try {
    const found = await files().stat(path);
    demandRegular(found.isFile(), found.isDirectory());
    return new NodeFile(await files().open(path, "r"), offset);
  } catch (error) {
    throw nodeFault(error);
  }
}
