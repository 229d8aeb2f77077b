/**
 * A peer that speaks TLS by Python's `ssl`, which is no part of what is
 * tested, and gives its records into the hands of the test: they can be cut,
 * changed, held back, or followed by a reset.
 *
 * @module
 */

import {
  fromBase64,
  type PeerSocket,
  PeerWire,
  type RawPeer,
  rawPeerOver,
  toBase64,
} from "./raw_peer.ts";

/** How the peer speaks TLS. Files are PEM. */
export interface PeerTls {
  readonly role: "client" | "server";
  /** The only version that it speaks; default both. */
  readonly version?: "TLSv1.2" | "TLSv1.3";
  /** Its certificate and key. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** What it verifies the other end by; default it takes anybody. */
  readonly caFile?: string;
  readonly alpnProtocols?: readonly string[];
  /** Its cipher suites up to TLS 1.2, as OpenSSL writes them. */
  readonly ciphers?: string;
}

/** One end of a connection, as TLS. */
export interface PeerTlsEnd {
  /** The connection below. */
  readonly socket: PeerSocket;
  /** Does the handshake. Rejects with `code` `"SSL"` if it fails. */
  handshake(): Promise<void>;
  /**
   * Goes on with the handshake as far as it can, with what has come if it
   * waits, and gives what it would send.
   */
  flight(): Promise<Uint8Array>;
  /** The records of some text, not sent. */
  seal(text: string): Promise<Uint8Array>;
  /** The record of `close_notify`, not sent. */
  notify(): Promise<Uint8Array>;
  /** So many plain bytes; rejects if the stream ends before. */
  read(count: number): Promise<Uint8Array>;
  /**
   * Sends plain zeros until nothing goes for a while, and tells how many went.
   */
  flood(count: number): Promise<number>;
}

/** The peer. */
export interface TlsPeer extends RawPeer {
  /** TLS over one of its connections. */
  over(socket: PeerSocket, tls: PeerTls): Promise<PeerTlsEnd>;
}

/** Starts one. */
export function startTlsPeer(): TlsPeer {
  const wire = new PeerWire(TLS_COMMANDS);
  return {
    ...rawPeerOver(wire),
    over: async (socket, tls) => {
      const { id } = socket;
      const bytes = async (op: string, more: object = {}) =>
        fromBase64((await wire.call(op, { id, ...more })).data!);
      await wire.call("tlsBegin", { id, ...tls });
      return {
        socket,
        handshake: async () => void await wire.call("tlsHandshake", { id }),
        flight: () => bytes("tlsFlight"),
        seal: (text) => bytes("tlsSeal", { data: toBase64(text) }),
        notify: () => bytes("tlsNotify"),
        read: (count) => bytes("tlsRead", { count }),
        flood: async (count) =>
          (await wire.call("tlsFlood", { id, count })).bytes!,
      };
    },
  };
}

const TLS_COMMANDS = String.raw`
import ssl

VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
ends = {}

def tlsBegin(a):
    is_server = a["role"] == "server"
    context = ssl.SSLContext(
        ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if "caFile" in a:
        context.load_verify_locations(a["caFile"])
        context.verify_mode = ssl.CERT_REQUIRED
    if "certFile" in a:
        context.load_cert_chain(a["certFile"], a["keyFile"])
    if "version" in a:
        context.minimum_version = context.maximum_version = VERSIONS[a["version"]]
    if "ciphers" in a:
        context.set_ciphers(a["ciphers"])
    if "alpnProtocols" in a:
        context.set_alpn_protocols(a["alpnProtocols"])
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    name = None if is_server else "localhost"
    ends[a["id"]] = (context.wrap_bio(into, out, is_server, name), into, out)
    return {}

def more(key):
    data = socks[key].recv(1 << 16)
    if data:
        ends[key][1].write(data)
    else:
        ends[key][1].write_eof()

def tlsHandshake(a):
    end, into, out = ends[a["id"]]
    while True:
        try:
            end.do_handshake()
            break
        except ssl.SSLWantReadError:
            socks[a["id"]].sendall(out.read())
            more(a["id"])
        except ssl.SSLError:
            socks[a["id"]].sendall(out.read())
            return {"error": "SSL"}
    socks[a["id"]].sendall(out.read())
    return {}

def tlsFlight(a):
    end, into, out = ends[a["id"]]
    while not out.pending:
        try:
            end.do_handshake()
            break
        except ssl.SSLWantReadError:
            if not out.pending:
                more(a["id"])
        except ssl.SSLError:
            break
    return {"data": base64.b64encode(out.read()).decode()}

def tlsSeal(a):
    end, into, out = ends[a["id"]]
    end.write(base64.b64decode(a["data"]))
    return {"data": base64.b64encode(out.read()).decode()}

def tlsNotify(a):
    end, into, out = ends[a["id"]]
    try:
        end.unwrap()
    except ssl.SSLWantReadError:
        pass
    return {"data": base64.b64encode(out.read()).decode()}

def tlsRead(a):
    end, into, out = ends[a["id"]]
    got = bytearray()
    while len(got) < a["count"]:
        try:
            got += end.read(a["count"] - len(got))
        except ssl.SSLWantReadError:
            more(a["id"])
    return {"data": base64.b64encode(got).decode()}

def tlsFlood(a):
    end, into, out = ends[a["id"]]
    s = socks[a["id"]]
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 14)
    s.settimeout(0.3)
    zeros, total = bytes(1 << 14), 0
    try:
        while total < a["count"]:
            end.write(zeros)
            s.sendall(out.read())
            total += len(zeros)
    except socket.timeout:
        pass
    finally:
        s.settimeout(TIMEOUT)
    return {"bytes": total}
`;
