/**
 * One line of a trace.
 *
 * @module
 */

/** Something that happened. */
export interface TraceEvent {
  /** When, in virtual milliseconds. */
  readonly at: number;
  /** The host that sends, or that something happens to; `""` for a note. */
  readonly from: string;
  /** The host that receives; the same one where nothing was sent. */
  readonly to: string;
  /** Such as `"SYN"`, `"DATA 0+120"`, `"UDP"`, `"CRASH"`. */
  readonly what: string;
  /** The first bytes, escaped; `""` if there are none. */
  readonly payload: string;
  /** Whether it got lost on the way. */
  readonly isLost: boolean;
}
