/**
 * Saboteurs: each breaks a promise of the library, in a driver, a method or a
 * function. And what runs a law with one of them at work.
 *
 * @module
 */

import { type Clock, systemClock } from "../../src/clock.ts";
import { Selector } from "../../src/polling/mod.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import {
  DatagramSocket,
  SocketFile,
  StreamSocket,
} from "../../src/socket/mod.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { type Library, library } from "../../src/testing/library.ts";
import {
  abstractMaker,
  checkDatagramLaw,
  checkLaw,
  concerns,
  type DatagramLaw,
  datagramLaws,
  type DatagramMaker,
  type Law,
  listenerLaws,
  selectorLaws,
  streamLaws,
  type StreamMaker,
  tcp4Maker,
  tcp6Maker,
  tlsLaws,
  tlsMaker,
  udp4Maker,
  udp6Maker,
  unixgramMaker,
  unixMaker,
  whyNot,
  whyNotDatagram,
} from "../../src/testing/mod.ts";
import { breakInPlace, type Given, type Right, type Wrongs } from "./broken.ts";
import { BrokenNetwork, type WrongDriver } from "./broken_network.ts";
import { VirtualTime } from "./virtual_time.ts";

/** Whoever breaks a promise. */
export interface Saboteur {
  /** What it does: a sentence about what it breaks. */
  readonly does: string;
  /** The laws that must notice, by name. */
  readonly breaks: readonly string[];
  /** What a driver does wrong. */
  readonly driver?: WrongDriver;
  /** What stream sockets do wrong, those that listen too. */
  readonly stream?: Wrongs<StreamSocket>;
  /** What datagram sockets do wrong. */
  readonly datagram?: Wrongs<DatagramSocket>;
  /** What files over sockets do wrong. */
  readonly file?: Wrongs<SocketFile>;
  /** What selectors do wrong. */
  readonly selector?: Wrongs<Selector>;
  /** What functions of the package do wrong. */
  readonly library?: Wrongs<Library>;
  /** What the clock of all deadlines does wrong. */
  readonly clock?: Wrongs<Clock>;
}

/** In the place of a saboteur: nothing is broken. */
export const NOBODY: Saboteur = { does: "nothing is broken", breaks: [] };

/** What breaks the methods that a law calls, and gives what mends them. */
type Break = () => () => void;

/** A law of any kind, over a network in memory that can show it. */
export interface AnyLaw {
  /** The law's own name. */
  readonly name: string;
  /** What it needs and no network in memory has. */
  readonly lacks?: string | undefined;
  /** Rejects if the law does not hold. What it leaves open is closed rightly. */
  check(runtime: Runtime, breakMethods: Break): Promise<void>;
}

/** Longer than any law takes; it passes at once when nothing happens. */
const WATCHDOG = { watchdogMs: 12_000 };

/** Little, since nothing of it is lost on the way. */
const VOLUME = {
  volumeBytes: 300_000,
  moreThanFitsBytes: 500_000,
  fitsBytes: 32_768,
};

let paths = 0;
const freshPath = () => `/run/${++paths}`;

const STREAM_MAKERS: readonly ((runtime: Runtime) => StreamMaker)[] = [
  tcp4Maker,
  tcp6Maker,
  (runtime) => unixMaker(runtime, freshPath),
  (runtime) => abstractMaker(runtime, freshPath),
];

const DATAGRAM_MAKERS: readonly ((runtime: Runtime) => DatagramMaker)[] = [
  udp4Maker,
  udp6Maker,
  (runtime) => unixgramMaker(runtime, freshPath),
];

/** Every law there is. */
export const LAWS: readonly AnyLaw[] = [
  ...[...streamLaws, ...listenerLaws, ...selectorLaws].map(overStreams),
  ...datagramLaws.map(overDatagrams),
  // Without openssl there are no certificates.
  ...(lackOfOpenssl() === undefined ? tlsLaws : []).map(overTls),
];

function overTls(law: Law): AnyLaw {
  return {
    name: law.name,
    check: (runtime, breakMethods) => {
      const maker = tlsMaker(tcp4Maker(runtime), {
        client: { ca: authority().cert, serverName: "localhost" },
        server: localhost(),
      });
      return checkLaw(brokenly(law, breakMethods), maker, WATCHDOG);
    },
  };
}

function overStreams(law: Law): AnyLaw {
  const make = STREAM_MAKERS.find((each) => {
    const maker = each(new BrokenNetwork().runtime);
    return concerns(law, maker) && whyNot(law, maker) === undefined;
  });
  return {
    name: law.name,
    lacks: make === undefined ? law.needs?.join() : undefined,
    check: (runtime, breakMethods) => {
      const maker = { ...(make ?? tcp4Maker)(runtime), ...VOLUME };
      return checkLaw(brokenly(law, breakMethods), maker, WATCHDOG);
    },
  };
}

function overDatagrams(law: DatagramLaw): AnyLaw {
  const make = DATAGRAM_MAKERS.find((each) =>
    whyNotDatagram(law, each(new BrokenNetwork().runtime)) === undefined
  );
  return {
    name: law.name,
    lacks: make === undefined ? law.needs?.join() : undefined,
    check: (runtime, breakMethods) => {
      const maker = (make ?? udp4Maker)(runtime);
      return checkDatagramLaw(brokenly(law, breakMethods), maker, WATCHDOG);
    },
  };
}

/** A law during which, and no longer, methods are broken. */
function brokenly<B, L extends { run(bench: B): Promise<void> }>(
  law: L,
  breakMethods: Break,
): L {
  const run = async (bench: B): Promise<void> => {
    const mend = breakMethods();
    try {
      await law.run(bench);
    } finally {
      mend();
    }
  };
  return { ...law, run };
}

/** Laws of nothing: who breaks even these is too crude to prove anything. */
export const IDLE_LAWS: readonly AnyLaw[] = [
  overStreams({
    name: "streams and listeners come and go",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.close();
      await server.close();
      await bench.listen();
    },
  }),
  overDatagrams({
    name: "datagram sockets come and go",
    async run(bench) {
      const { from } = await bench.pair();
      await from.close();
    },
  }),
];

/** What a law fails with while a saboteur is at work; `undefined` if it holds. */
export async function failureUnder(
  law: AnyLaw,
  saboteur: Saboteur,
): Promise<unknown> {
  const time = new VirtualTime();
  const network = new BrokenNetwork(saboteur.driver, () => time.stir());
  let mend = () => {};
  try {
    await time.run(async () => {
      try {
        await law.check(network.runtime, () => {
          return mend = breakMethods(saboteur, () => time.stir());
        });
      } finally {
        mend();
        network.letGo();
      }
    });
    return undefined;
  } catch (error) {
    return error;
  }
}

function breakMethods(saboteur: Saboteur, stir: () => void): () => void {
  // A poll takes turns of the event loop, and nothing need cross the seam.
  const select = (right: Right, args: Given) => {
    stir();
    return right(...args);
  };
  const mends = [
    breakInPlace(library, { select }),
    breakInPlace(Selector.prototype, { select }),
    breakInPlace(StreamSocket.prototype, saboteur.stream),
    breakInPlace(DatagramSocket.prototype, saboteur.datagram),
    breakInPlace(SocketFile.prototype, saboteur.file),
    breakInPlace(Selector.prototype, saboteur.selector),
    breakInPlace(library, saboteur.library),
    breakInPlace(systemClock, saboteur.clock),
  ];
  return () => {
    for (const mend of mends.splice(0).reverse()) mend();
  };
}
