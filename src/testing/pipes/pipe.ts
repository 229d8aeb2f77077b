/**
 * The least that a connection can do, whoever has made it: what the laws of
 * pipes are about.
 *
 * @module
 */

/** One end of a connection. */
export interface PlainStream {
  /** The next bytes, at least one; `null` once the peer has ended. */
  read(): Promise<Uint8Array | null>;
  /** Settles when all bytes are taken and the memory is the caller's again. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends this direction behind what was written; the other one goes on. */
  closeWrite(): Promise<void>;
  /** Ends both. What was written before still reaches the peer. */
  close(): void | Promise<void>;
  /** Breaks off, so that the peer gets an error; left out where none can. */
  reset?(): void;
}

/** Two connected ends. */
export interface Pipe {
  /** The end that connected. */
  readonly client: PlainStream;
  /** The end that was accepted. */
  readonly server: PlainStream;
  /**
   * Ends what is behind them, such as a listener; settles once nothing of the
   * two is open any more.
   */
  stop?(): Promise<void>;
}

/** What a law needs of a pipe. */
export interface PipeNeeds {
  /** The server's end will be reset: some have to be told so beforehand. */
  readonly resets?: boolean;
}

/** Makes two connected ends that nobody else uses. */
export type MakePipe = (needs: PipeNeeds) => Promise<Pipe>;
