/**
 * Files by Deno's own API.
 *
 * @module
 */

import type { RawFile } from "../seam/files.ts";
import { demandRegular } from "../seam/files.ts";
import { toFault } from "./error_mapping.ts";

/** The members of a `Deno.FsFile` that are used. */
interface FsFile {
  read(buffer: Uint8Array): Promise<number | null>;
  seek(offset: number, whence: number): Promise<number>;
  close(): void;
}

/** The members of the `Deno` namespace that are used. */
interface DenoNamespace {
  stat(path: string): Promise<
    { readonly isFile: boolean; readonly isDirectory: boolean }
  >;
  open(path: string, options: { readonly read: true }): Promise<FsFile>;
}

function deno(): DenoNamespace {
  // dnt-shim-ignore
  return (globalThis as unknown as { Deno: DenoNamespace }).Deno;
}

/** `Deno.SeekMode.Start`. */
const FROM_START = 0;

class DenoFile implements RawFile {
  readonly #file: FsFile;

  constructor(file: FsFile) {
    this.#file = file;
  }

  async read(buffer: Uint8Array): Promise<number> {
    try {
      return await this.#file.read(buffer) ?? 0;
    } catch (error) {
      throw toFault(error);
    }
  }

  close(): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }
}

/** Opens a file for reading from `offset` on. */
export async function openDenoFile(
  path: string,
  offset: number,
): Promise<RawFile> {
  try {
    const { isFile, isDirectory } = await deno().stat(path);
    demandRegular(isFile, isDirectory);
    const file = await deno().open(path, { read: true });
    if (offset > 0) await file.seek(offset, FROM_START);
    return new DenoFile(file);
  } catch (error) {
    throw toFault(error);
  }
}
