/**
 * What a client says in the clear before anything else (RFC 8446 §4.1.2),
 * however its bytes are cut.
 *
 * @module
 */

import { concat } from "../byte_queue.ts";
import { Fault } from "../runtime/seam/fault.ts";

/** What a ClientHello says. */
export interface ClientHello {
  /** The name asked for (SNI); `undefined` if none. */
  readonly serverName: string | undefined;
  /** The protocols offered (ALPN). */
  readonly alpnProtocols: readonly string[];
  /** The versions offered, such as 0x0304. */
  readonly versions: readonly number[];
}

/** No honest hello is as long: those with post-quantum keys have 2 KiB. */
const MAX_HELLO_BYTES = 65_536;

const FIRST_BYTES = 2048;
const MAX_RECORD_BYTES = 16_384;
const RECORD_HEADER_BYTES = 5;
const MESSAGE_HEADER_BYTES = 4;

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;

const SERVER_NAME = 0;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;

/**
 * Reads one ClientHello, chunk by chunk, in time linear in its length; it may
 * span records.
 */
export class ClientHelloReader {
  /** Every byte so far, for who does the handshake. */
  readonly chunks: Uint8Array[] = [];
  /** The message, from its own header on, without the headers of records. */
  #message = new Uint8Array(FIRST_BYTES);
  #length = 0;
  readonly #header: number[] = [];
  /** How many bytes of the record of now are still to come. */
  #left = 0;

  /**
   * More bytes. Gives the hello once it is whole.
   *
   * @throws {Fault} `TLS_NOT_TLS` if this is no TLS, `TLS_HANDSHAKE` if it is
   *   no hello.
   */
  push(chunk: Uint8Array): ClientHello | undefined {
    this.chunks.push(chunk);
    for (let at = 0; at < chunk.length;) {
      if (this.#left === 0) this.#addToHeader(chunk[at++] as number);
      else at += this.#addToMessage(chunk.subarray(at, at + this.#left));
      if (this.#isWhole) return readHello(this.#body);
    }
    return undefined;
  }

  #addToHeader(byte: number): void {
    const header = this.#header;
    header.push(byte);
    if (header[0] !== HANDSHAKE || (header[1] ?? 3) !== 3) {
      throw this.#length === 0
        ? notTls()
        : malformed("a record of another kind");
    }
    if (header.length < RECORD_HEADER_BYTES) return;
    this.#left = (header[3] as number) << 8 | (header[4] as number);
    if (this.#left === 0 || this.#left > MAX_RECORD_BYTES) {
      throw malformed(`a record of ${this.#left} bytes`);
    }
    header.length = 0;
  }

  #addToMessage(part: Uint8Array): number {
    this.#grow(this.#length + part.length);
    this.#message.set(part, this.#length);
    this.#length += part.length;
    this.#left -= part.length;
    this.#check();
    return part.length;
  }

  /** Twice the room, again and again: a slow client holds little memory. */
  #grow(needed: number): void {
    let size = this.#message.length;
    while (size < needed) size *= 2;
    if (size === this.#message.length) return;
    const larger = new Uint8Array(size);
    larger.set(this.#message);
    this.#message = larger;
  }

  #check(): void {
    if (this.#length > 0 && this.#message[0] !== CLIENT_HELLO) {
      throw malformed("the first message is no ClientHello");
    }
    if (this.#length < MESSAGE_HEADER_BYTES) return;
    if (this.#announced <= MAX_HELLO_BYTES) return;
    throw malformed(`a ClientHello of ${this.#announced} bytes`);
  }

  get #announced(): number {
    const message = this.#message;
    return (message[1] as number) << 16 | (message[2] as number) << 8 |
      (message[3] as number);
  }

  get #isWhole(): boolean {
    return this.#length >= MESSAGE_HEADER_BYTES &&
      this.#length >= MESSAGE_HEADER_BYTES + this.#announced;
  }

  get #body(): Uint8Array {
    const end = MESSAGE_HEADER_BYTES + this.#announced;
    return this.#message.subarray(MESSAGE_HEADER_BYTES, end);
  }

  /** Every byte so far, in one piece. */
  get bytes(): Uint8Array {
    return concat(this.chunks);
  }
}

function readHello(body: Uint8Array): ClientHello {
  const fields = new Fields(body);
  const legacy = fields.number(2);
  fields.skip(32); // random
  fields.vector(1); // session id
  fields.vector(2); // cipher suites
  fields.vector(1); // compression methods
  const extensions = fields.isAtEnd
    ? new Map<number, Fields>()
    : readExtensions(fields.vector(2));
  if (!fields.isAtEnd) throw malformed("bytes behind the extensions");
  return {
    serverName: readServerName(extensions.get(SERVER_NAME)),
    alpnProtocols: readProtocols(extensions.get(ALPN)),
    versions: readVersions(extensions.get(SUPPORTED_VERSIONS)) ?? [legacy],
  };
}

function readExtensions(fields: Fields): Map<number, Fields> {
  const extensions = new Map<number, Fields>();
  while (!fields.isAtEnd) {
    const type = fields.number(2);
    const content = fields.vector(2);
    if (extensions.has(type)) throw malformed(`extension ${type} twice`);
    extensions.set(type, content);
  }
  return extensions;
}

/** The first host name (RFC 6066 §3); other kinds of names there are none. */
function readServerName(extension: Fields | undefined): string | undefined {
  if (extension === undefined) return undefined;
  const list = extension.vector(2);
  while (!list.isAtEnd) {
    const type = list.number(1);
    const name = list.vector(2);
    if (type === 0) return checkName(name.text());
  }
  return undefined;
}

/** A name of DNS in its ASCII form: what else comes is no name to look up. */
function checkName(name: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(name)) return name.toLowerCase();
  throw malformed("a server name that is none");
}

function readProtocols(extension: Fields | undefined): readonly string[] {
  if (extension === undefined) return [];
  const protocols: string[] = [];
  const list = extension.vector(2);
  while (!list.isAtEnd) protocols.push(list.vector(1).text());
  return protocols;
}

function readVersions(
  extension: Fields | undefined,
): readonly number[] | undefined {
  if (extension === undefined) return undefined;
  const versions: number[] = [];
  const list = extension.vector(1);
  while (!list.isAtEnd) versions.push(list.number(2));
  return versions;
}

/**
 * Numbers and vectors of TLS, one behind the other. All that are of one message
 * share its bytes: a hello costs Node 26 8 µs, where views of their own cost 15.
 */
class Fields {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  /** Goes on so many bytes; gives where they begin. */
  skip(count: number): number {
    const at = this.#at;
    if (count > this.#end - at) throw malformed("a field beyond the end");
    this.#at = at + count;
    return at;
  }

  number(size: 1 | 2): number {
    const at = this.skip(size);
    const first = this.#bytes[at] as number;
    return size === 1 ? first : first << 8 | (this.#bytes[at + 1] as number);
  }

  /** What stands behind its own length, which has `size` bytes. */
  vector(size: 1 | 2): Fields {
    const length = this.number(size);
    const at = this.skip(length);
    return new Fields(this.#bytes, at, at + length);
  }

  text(): string {
    const length = this.#end - this.#at;
    if (length > 256) throw malformed(`a name of ${length} bytes`);
    return String.fromCharCode(...this.#bytes.subarray(this.#at, this.#end));
  }
}

function notTls(): Fault {
  return new Fault("TLS_NOT_TLS", undefined, "the peer does not speak TLS");
}

function malformed(what: string): Fault {
  const reason = `the peer sent no ClientHello that can be read: ${what}`;
  return new Fault("TLS_HANDSHAKE", undefined, reason);
}
