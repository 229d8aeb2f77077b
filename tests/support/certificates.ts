/**
 * Certificates for tests, made by openssl in a folder of their own and never
 * kept: one authority and whatever is signed by it, or not.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** A certificate, its chain and its key, as PEM. */
export interface Made {
  /** The leaf first. */
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is to be. */
export interface Wanted {
  /** Its common name; default `"test"`. */
  readonly name?: string;
  /** Its alternative names, as openssl writes them: `"DNS:a,IP:1.2.3.4"`. */
  readonly for?: string;
  /** The issuer's name; default the authority; `"self"` signs itself. */
  readonly by?: string;
  /** First and last moment: `"20200101000000Z"`. */
  readonly from?: string;
  readonly to?: string;
  /** More lines of its extensions. */
  readonly extensions?: string;
  /** Arguments that make its key; default an EC key. */
  readonly key?: readonly string[];
}

let openssl: string | false | undefined;

/** Why there are no certificates here; `undefined` if there are. */
export function lackOfOpenssl(): string | undefined {
  try {
    openssl ??= execFileSync("openssl", ["version"], { encoding: "utf8" });
  } catch {
    openssl = false;
  }
  return openssl === false ? "openssl is not installed" : undefined;
}

const EC = [
  "genpkey",
  "-algorithm",
  "EC",
  "-pkeyopt",
  "ec_paramgen_curve:P-256",
];

const CONFIG = `
[ca]
default_ca = here
[here]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = optional
organizationName = optional
[req]
distinguished_name = none
[none]
`;

/** A certificate, and the front of its files' names. */
interface Kept {
  readonly file: string;
  readonly made: Made;
}

/** A folder in which openssl makes certificates. */
class Workshop {
  readonly #folder = mkdtempSync(join(tmpdir(), "anysock-tls-"));
  /** What was made, by what was asked for. */
  readonly #made: Map<string, Kept> = new Map();
  /** The file that a name stands for now. */
  readonly #files: Map<string, string> = new Map();

  constructor() {
    writeFileSync(this.path("config"), CONFIG);
    writeFileSync(this.path("index"), "");
    writeFileSync(this.path("serial"), "1000\n");
  }

  /** A file of the folder. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /**
   * A certificate; the same wish gives the same one. Another wish by the same
   * name gives another: Bun runs the tests of many files in one process.
   */
  get(name: string, wanted: Wanted): Made {
    const issuer = this.#issuerOf(wanted);
    const asked = JSON.stringify([name, issuer, wanted]);
    const kept = this.#made.get(asked) ?? this.#add(name, issuer, wanted);
    this.#made.set(asked, kept);
    this.#files.set(name, kept.file);
    return kept.made;
  }

  /** The file of who signs; `undefined` for itself. */
  #issuerOf({ by = "authority" }: Wanted): string | undefined {
    const file = by === "self" ? undefined : this.#files.get(by);
    if (by !== "self" && file === undefined) throw new Error(`Who is ${by}?`);
    return file;
  }

  #add(name: string, issuer: string | undefined, wanted: Wanted): Kept {
    const file = `${name}-${this.#made.size}`;
    return { file, made: this.#make(file, issuer, wanted) };
  }

  #make(file: string, by: string | undefined, wanted: Wanted): Made {
    const { name = "test", key = EC } = wanted;
    this.run(...key, "-out", `${file}.key`);
    this.run(
      "req",
      "-new",
      "-key",
      `${file}.key`,
      "-subj",
      `/CN=${name}`,
      "-config",
      "config",
      "-out",
      `${file}.req`,
    );
    writeFileSync(this.path(`${file}.ext`), extensionsOf(wanted));
    const signer = by === undefined
      ? ["-selfsign", "-keyfile", `${file}.key`]
      : ["-cert", `${by}.crt`, "-keyfile", `${by}.key`];
    this.run(
      "ca",
      "-batch",
      "-notext",
      "-config",
      "config",
      ...signer,
      "-startdate",
      wanted.from ?? "20200101000000Z",
      "-enddate",
      wanted.to ?? "20490101000000Z",
      "-in",
      `${file}.req`,
      "-extfile",
      `${file}.ext`,
      "-out",
      `${file}.crt`,
    );
    const cert = this.read(`${file}.crt`);
    return { cert, key: this.read(`${file}.key`) };
  }

  /** The text of a file of the folder. */
  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** Runs openssl in the folder. */
  run(...args: readonly string[]): void {
    execFileSync("openssl", [...args], { cwd: this.#folder, stdio: "pipe" });
  }

  /** Takes the folder away. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function extensionsOf(wanted: Wanted): string {
  const names = wanted.for === undefined
    ? ""
    : `subjectAltName=${wanted.for}\n`;
  return `${names}${wanted.extensions ?? ""}\n`;
}

let workshop: Workshop | undefined;

function shop(): Workshop {
  if (workshop !== undefined) return workshop;
  const made = workshop = new Workshop();
  made.get("authority", AUTHORITY);
  process.on("exit", () => made.remove());
  return made;
}

const AUTHORITY: Wanted = {
  name: "authority",
  by: "self",
  extensions: "basicConstraints=critical,CA:TRUE",
};

/** The authority that signs by default. */
export function authority(): Made {
  return shop().get("authority", AUTHORITY);
}

/** A certificate, made once in a process; others may be `by` its name. */
export function certificate(name: string, wanted: Wanted = {}): Made {
  return shop().get(name, wanted);
}

/** For `localhost` and both loopback addresses. */
export function localhost(): Made {
  return certificate("localhost", {
    name: "localhost",
    for: "DNS:localhost,IP:127.0.0.1,IP:::1",
  });
}

/** The same key, encrypted. */
export function encrypted(made: Made, passphrase: string): string {
  const here = shop();
  writeFileSync(here.path("plain.pem"), made.key);
  here.run(
    "pkcs8",
    "-topk8",
    "-in",
    "plain.pem",
    "-passout",
    `pass:${passphrase}`,
    "-out",
    "encrypted.pem",
  );
  return here.read("encrypted.pem");
}

/** The path of a file with the text, in the same folder. */
export function asFile(name: string, text: string): string {
  const path = shop().path(name);
  writeFileSync(path, text);
  return path;
}
