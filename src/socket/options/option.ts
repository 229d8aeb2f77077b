/**
 * The shape of an option: one row of the table.
 *
 * @module
 */

import type { Bytes } from "../../contracts.ts";
import type { RawMembership } from "../../runtime/seam/datagram.ts";
import type { DatagramOptions } from "./datagram_options.ts";
import type { Linger } from "./linger.ts";
import type { Membership, MulticastInterface } from "./multicast.ts";
import type { OptionKey } from "./names.ts";
import type { StreamOptions } from "./stream_options.ts";
import type { OptionBytes, ValueType } from "./values.ts";

/**
 * What `setSockOpt` takes: a C `int`, the C structure as bytes in this
 * machine's order, or the structure in words: {@linkcode Linger} for
 * `SO_LINGER`, {@linkcode Membership} for groups,
 * {@linkcode MulticastInterface} for the interface that multicast leaves by.
 */
export type OptionValue =
  | number
  | OptionBytes
  | Linger
  | Membership
  | MulticastInterface;

/** What a value is once it has been read. */
export type Value = number | string | Linger | RawMembership | Bytes;

/**
 * What one kind of socket does with an option. Its functions throw a Fault
 * `ENOPROTOOPT`, with the reason, for what cannot be.
 */
export interface Way<S, V> {
  /** Throws where the socket has no such option at all. */
  demand?(socket: S): void;
  /** Sets it, now or once the kernel's socket is there; without: read only. */
  set?(socket: S, value: V): void;
  /** What it is set to; `undefined` if only the kernel knows. */
  get?(socket: S): number | Bytes | undefined;
  /** What else has to be told where it is set by way of the descriptor. */
  companions?(
    socket: S,
    value: V,
  ): readonly (readonly [key: OptionKey, bytes: Bytes])[];
}

/** An option: how its value is read, and what each kind of socket does. */
export interface Option<V extends Value = Value> {
  /** How its value is read. */
  readonly value: ValueType<V>;
  /** What a stream socket does; without, only the descriptor is a way. */
  readonly stream?: Way<StreamOptions, V>;
  /** What a datagram socket does. */
  readonly datagram?: Way<DatagramOptions, V>;
  /** The library serves it by itself, and the descriptor is no way to it. */
  readonly isEmulated?: boolean;
  /**
   * It means nothing any more once the kernel's socket is there, so that
   * setting it waits for no descriptor.
   */
  readonly isEarly?: boolean;
}

/** A row of the table. */
export type Row = readonly [level: number, name: number | undefined, Option];

/** A row; its value is of one type throughout. */
export function row<V extends Value>(
  level: number,
  name: number | undefined,
  option: Option<V>,
): Row {
  return [level, name, option];
}
