/**
 * What the servers say, the same for all: enough of RESP for redis-benchmark,
 * and of HTTP/1.1 for wrk. One `Talk` for each connection.
 */

/** Takes what came, gives what is to be answered. */
export type Talk = (bytes: Uint8Array) => Uint8Array;

const latin1 = new TextDecoder("latin1");
const encoder = new TextEncoder();
const database = new Map<string, string>();

function answer([name = "", key = "", value = ""]: readonly string[]): string {
  switch (name.toUpperCase()) {
    case "GET": {
      const found = database.get(key);
      return found === undefined
        ? "$-1\r\n"
        : `$${found.length}\r\n${found}\r\n`;
    }
    case "SET":
      database.set(key, value);
      return "+OK\r\n";
    case "PING":
      return "+PONG\r\n";
    default:
      return "-ERR unknown command\r\n";
  }
}

/** The words of the command at `at`, and where it ends; if it is there. */
function commandAt(
  text: string,
  at: number,
): readonly [words: string[], end: number] | undefined {
  let line = text.indexOf("\r\n", at);
  if (line < 0) return undefined;
  const count = Number(text.slice(at + 1, line));
  const words: string[] = [];
  for (let i = 0; i < count; i++) {
    const next = text.indexOf("\r\n", line + 2);
    if (next < 0) return undefined;
    const end = next + 2 + Number(text.slice(line + 3, next));
    if (text.length < end + 2) return undefined;
    words.push(text.slice(next + 2, end));
    line = end;
  }
  return [words, line + 2];
}

function resp(): Talk {
  let text = "";
  return (bytes) => {
    text += latin1.decode(bytes);
    let [at, answers] = [0, ""];
    for (let found; (found = commandAt(text, at)); at = found[1]) {
      answers += answer(found[0]);
    }
    text = text.slice(at);
    return encoder.encode(answers);
  };
}

const HELLO = "Hello, world\n";
const PAGE = `HTTP/1.1 200 OK\r\nContent-Length: ${HELLO.length}\r\n` +
  `Content-Type: text/plain\r\n\r\n${HELLO}`;

function http(): Talk {
  let text = "";
  return (bytes) => {
    text += latin1.decode(bytes);
    let answers = "";
    for (let end; (end = text.indexOf("\r\n\r\n")) >= 0;) {
      const isGet = text.startsWith("GET / HTTP/1.1\r\n");
      answers += isGet ? PAGE : "HTTP/1.1 404 Not Found\r\n\r\n";
      text = text.slice(end + 4);
    }
    return encoder.encode(answers);
  };
}

/** The protocols, by name. */
export const PROTOCOLS: Readonly<Record<string, () => Talk>> = { resp, http };
