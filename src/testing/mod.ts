/**
 * What tests of network programs need: simulations of many hosts in virtual
 * time, a network in memory, a clock that stands still, a count of live
 * handles, and the laws that every runtime must keep. No test framework is
 * imported.
 *
 * @module
 */

export type { HandleCounts, HandleKind } from "../handle_counts.ts";
export type { Clock, Timer } from "../clock.ts";
export type { MemoryNetworkOptions } from "../runtime/memory.ts";
export { memoryNetwork } from "../runtime/memory.ts";
export type {
  LinkMatch,
  LinkRules,
  Protocol,
} from "../runtime/memory/rules.ts";
export type { TextOptions } from "../simulation/chart_text.ts";
export {
  NotDeterministic,
  SimulationFailed,
  SimulationStuck,
} from "../simulation/errors.ts";
export type { EverySplitOptions } from "../simulation/every_split.ts";
export { everySplit } from "../simulation/every_split.ts";
export type { ExploreOptions, ExploreReport } from "../simulation/explore.ts";
export { explore } from "../simulation/explore.ts";
export type {
  CrashFault,
  Fault,
  FaultTime,
  PartitionFault,
  RulesFault,
  SkewFault,
  StopFault,
} from "../simulation/faults.ts";
export type { Undo } from "../simulation/rule_book.ts";
export type { Fired, Run } from "../simulation/run.ts";
export type { Host, HostOptions } from "../simulation/sim_host.ts";
export type { Scenario, SimulateOptions } from "../simulation/simulate.ts";
export { simulate } from "../simulation/simulate.ts";
export type { Simulation } from "../simulation/simulation.ts";
export type { Trace } from "../simulation/trace.ts";
export type { TraceEvent } from "../simulation/trace_event.ts";
export type { MemoryNames } from "../runtime/memory/names.ts";
export { LawBroken } from "./expect.ts";
export type { FailingOp, FailNextOptions } from "./fail_next.ts";
export { failNext } from "./fail_next.ts";
export { FakeClock } from "./fake_clock.ts";
export type {
  CheckOptions,
  Closable,
  Law,
  LawBench,
  StreamMaker,
  TlsTalk,
  Trait,
} from "./law.ts";
export { checkLaw, concerns, whyNot } from "./law.ts";
export type {
  DatagramBench,
  DatagramLaw,
  DatagramMaker,
  DatagramPair,
  DatagramTrait,
} from "./datagram_law.ts";
export {
  checkDatagramLaw,
  memoryUdpMaker,
  udp4Maker,
  udp6Maker,
  unixgramMaker,
  whyNotDatagram,
} from "./datagram_law.ts";
export type { FaultyProxy, FaultyProxyOptions } from "./proxy/faulty_proxy.ts";
export { faultyProxy } from "./proxy/faulty_proxy.ts";
export { datagramLaws } from "./laws/datagram.ts";
export { listenerLaws } from "./laws/listener.ts";
export type {
  CheckPipeOptions,
  PipeBench,
  PipeLaw,
  PipeResult,
} from "./pipes/check.ts";
export type { MakePipe, Pipe, PipeNeeds, PlainStream } from "./pipes/pipe.ts";
export type { NodeSocketLike, WebStreamPair } from "./pipes/wrappers.ts";
export { liftPipe, nodePipe, webPipe } from "./pipes/wrappers.ts";
export { checkPipe, pipeLaws } from "./laws/pipe.ts";
export { loopbackPair } from "./loopback_pair.ts";
export { selectorLaws } from "./laws/polling.ts";
export { streamLaws } from "./laws/stream.ts";
export { tlsLaws } from "./laws/tls.ts";
export { assertNoLeaks, liveHandles } from "./live_handles.ts";
export {
  abstractMaker,
  memoryMaker,
  memoryUnixMaker,
  tcp4Maker,
  tcp6Maker,
  tlsMaker,
  unixMaker,
} from "./makers.ts";
