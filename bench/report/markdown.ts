/** Which suite's table a result file is made into. */

import type { EchoResults } from "../echo/results.ts";
import { echoMarkdown } from "../echo/table.ts";
import type { FramingResults } from "../framing/results.ts";
import { framingMarkdown } from "../framing/table.ts";
import type { ImportResults } from "../import/results.ts";
import { importMarkdown } from "../import/table.ts";
import type { PollingResults } from "../polling/results.ts";
import { pollingMarkdown } from "../polling/table.ts";
import type { ServerResults } from "../server/results.ts";
import { serverMarkdown } from "../server/table.ts";
import type { ShmResults } from "../shm/results.ts";
import { shmMarkdown } from "../shm/table.ts";
import type { SimulationResults } from "../simulation/results.ts";
import { simulationMarkdown } from "../simulation/table.ts";
import type { TlsResults } from "../tls/results.ts";
import { tlsMarkdown } from "../tls/table.ts";
import type { UdpResults } from "../udp/results.ts";
import { udpMarkdown } from "../udp/table.ts";
import type { ResultFile } from "./files.ts";

/**
 * The Markdown of a result file.
 *
 * @throws {TypeError} with the suite's name, when there is no such suite
 */
export function markdown({ path, suite, results }: ResultFile): string {
  const all = results as
    | EchoResults
    | FramingResults
    | ImportResults
    | PollingResults
    | ServerResults
    | ShmResults
    | SimulationResults
    | TlsResults
    | UdpResults;
  switch (all.suite) {
    case "echo":
      return echoMarkdown(all);
    case "framing":
      return framingMarkdown(all);
    case "import":
      return importMarkdown(all);
    case "polling":
      return pollingMarkdown(all);
    case "server":
      return serverMarkdown(all);
    case "shm":
      return shmMarkdown(all);
    case "simulation":
      return simulationMarkdown(all);
    case "tls":
      return tlsMarkdown(all);
    case "udp":
      return udpMarkdown(all);
    default:
      throw new TypeError(
        `${path} is of the suite ${JSON.stringify(suite)}; ` +
          "there is echo, framing, import, polling, server, shm, simulation, " +
          "tls, udp",
      );
  }
}
