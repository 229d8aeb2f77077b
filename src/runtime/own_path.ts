/**
 * The path of a Unix socket, which goes with the socket that made it, and with
 * no other: somebody may have put another file there meanwhile.
 *
 * @module
 */

/** What tells a file from every other. */
export interface FileIdentity {
  /** The device. */
  readonly dev: number | bigint;
  /** The inode; `null` where there is none. */
  readonly ino: number | bigint | null;
}

/** The calls of a file system that are used. */
export interface FileCalls {
  /** What is at a path, links not followed. */
  lstat(path: string): FileIdentity;
  /** Makes an empty file; fails with `EEXIST` if anything is there. */
  create(path: string): void;
  /** Moves a file to another path, in the place of what is there. */
  rename(from: string, to: string): void;
  /** Removes a file. */
  unlink(path: string): void;
  /** What a relative path begins at. */
  cwd(): string;
}

/** A path that a socket was just bound to. */
export class OwnPath {
  readonly #files: FileCalls;
  readonly #path: string;
  readonly #identity: FileIdentity | undefined;

  /** To be made while the socket is bound. */
  constructor(files: FileCalls, path: string) {
    this.#files = files;
    this.#path = absolute(files, path);
    this.#identity = this.#look();
  }

  /**
   * Removes the file if it is still the socket's. To be called before the
   * socket is closed: until then no other file can have its inode.
   */
  remove(): void {
    const own = this.#identity;
    const found = this.#look();
    const isOwn = own !== undefined && found !== undefined &&
      own.ino !== null && own.ino === found.ino && own.dev === found.dev;
    if (!isOwn) return;
    try {
      this.#files.unlink(this.#path);
    } catch {
      // Somebody else has removed it, or the program may not.
    }
  }

  #look(): FileIdentity | undefined {
    try {
      return this.#files.lstat(this.#path);
    } catch {
      return undefined;
    }
  }
}

/** The program may go elsewhere, and may not be permitted to ask where it is. */
export function absolute(
  files: Pick<FileCalls, "cwd">,
  path: string,
): string {
  if (path.startsWith("/")) return path;
  try {
    return `${files.cwd()}/${path}`;
  } catch {
    return path;
  }
}
