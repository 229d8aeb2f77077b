/**
 * The layout tables of docs/framing.md, executed: each row of each table is
 * read out of the document, so that the document cannot be wrong.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as framing from "../../src/framing/mod.ts";
import type { Codec } from "../../src/framing/mod.ts";
import { test } from "../harness.ts";
import { repositoryRoot } from "../runtimes.ts";
import { cut, decode, hex, show, utf8 } from "./support.ts";

interface Layout {
  readonly title: string;
  readonly codec: Codec<unknown, never>;
  readonly bytes: Uint8Array;
  readonly messages: unknown[];
}

const path = join(repositoryRoot(), "docs", "framing.md");

/** Each `### title`, its ```ts codec, its ```text diagram and its messages. */
function* layouts(): Generator<Layout> {
  const sections = readFileSync(path, "utf8").split(/^### /m).slice(1);
  for (const section of sections) {
    const title = section.slice(0, section.indexOf("\n"));
    const code = /```ts\n([\s\S]*?)```/.exec(section)?.[1];
    const diagram = /```text\n([\s\S]*?)```/.exec(section)?.[1];
    if (code === undefined || diagram === undefined) continue;
    yield {
      title,
      codec: evaluate(code),
      bytes: readBytes(diagram),
      messages: readMessages(diagram),
    };
  }
}

function evaluate(code: string): Codec<unknown, never> {
  const names = Object.keys(framing);
  const body = `return ${code.trim().replace(/;$/, "")}`;
  const make = new Function(...names, body) as (
    ...values: unknown[]
  ) => Codec<unknown, never>;
  return make(...Object.values(framing));
}

/** The row `bytes` of a diagram: hexadecimal, or "quoted" text. */
function readBytes(diagram: string): Uint8Array {
  return Uint8Array.from(
    row(diagram, "bytes").split("|").flatMap((cell) => [...parse(cell)]),
  );
}

/** The rows `message`. */
function readMessages(diagram: string): unknown[] {
  return [...diagram.matchAll(/^message +(.*)$/gm)].map(([, text = ""]) => {
    if (/^[{[]/.test(text)) {
      return show(
        JSON.parse(
          text,
          (_, value) =>
            typeof value === "string" && /^\$/.test(value)
              ? utf8(value.slice(1))
              : value,
        ),
      );
    }
    if (text.startsWith("text ")) return JSON.parse(text.slice(5));
    return show(parse(text.split("|").join(" ")));
  });
}

function row(diagram: string, name: string): string {
  return new RegExp(`^${name} +(.*)$`, "m").exec(diagram)?.[1] ?? "";
}

function parse(cell: string): Uint8Array {
  const parts = cell.match(/"(?:[^"\\]|\\.)*"|[0-9a-f]{2}/gi) ?? [];
  return Uint8Array.from(
    parts.flatMap((part) =>
      part.startsWith('"') ? [...utf8(JSON.parse(part))] : [...hex(part)]
    ),
  );
}

const all = [...layouts()];

test("docs/framing.md has a layout for each codec and all seven of Netty", () => {
  assert.equal(all.filter(({ title }) => /^Netty \d/.test(title)).length, 7);
  const text = readFileSync(path, "utf8");
  for (const name of Object.keys(framing)) {
    assert.ok(text.includes(name), `${name} is missing`);
  }
});

for (const { title, codec, bytes, messages } of all) {
  test(`the layout "${title}" is decoded as the document shows`, () => {
    assert.ok(bytes.length > 0 && messages.length > 0, "the diagram is empty");
    for (let place = 0; place <= bytes.length; place++) {
      const { frames, error } = decode(codec, cut(bytes, [place]));
      assert.deepEqual({ frames, error }, {
        frames: messages,
        error: undefined,
      });
    }
  });

  test(`the layout "${title}" is encoded as it was decoded`, () => {
    const decoder = codec.decoder();
    const encoder = codec.encoder();
    const messages = [...decoder.push(bytes.slice()), ...decoder.end()];
    const again = messages.flatMap((
      message,
    ) => [...encoder.encode(message as never)]);
    const isExact = !title.includes("(prelude lost)");
    if (isExact) assert.deepEqual(again, [...bytes]);
    const { frames } = decode(codec, [Uint8Array.from(again)]);
    assert.deepEqual(frames, messages.map(show));
  });
}
