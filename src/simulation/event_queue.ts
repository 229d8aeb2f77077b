/**
 * What is to happen, by its time; at one instant in the order of asking.
 *
 * @module
 */

import type { Timer } from "../clock.ts";

/** Something that will happen once. */
export class QueuedEvent implements Timer {
  /** When, in virtual milliseconds. */
  readonly at: number;
  /** Which of those at that time. */
  readonly order: number;
  /** What; nothing once it has happened or was cancelled. */
  fire: (() => void) | undefined;

  /** Made by {@linkcode EventQueue.add}. */
  constructor(at: number, order: number, fire: () => void) {
    this.at = at;
    this.order = order;
    this.fire = fire;
  }

  cancel(): void {
    this.fire = undefined;
  }
}

/** A binary heap of events. */
export class EventQueue {
  #heap: QueuedEvent[] = [];
  #order = 0;

  /** Adds an event. */
  add(at: number, fire: () => void): QueuedEvent {
    const event = new QueuedEvent(at, this.#order++, fire);
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as QueuedEvent;
      if (!isBefore(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
    return event;
  }

  /** The next event that was not cancelled; it stays. */
  peek(): QueuedEvent | undefined {
    let next = this.#heap[0];
    while (next !== undefined && next.fire === undefined) {
      this.#drop();
      next = this.#heap[0];
    }
    return next;
  }

  /** Takes the next event that was not cancelled. */
  take(): QueuedEvent | undefined {
    const next = this.peek();
    if (next !== undefined) this.#drop();
    return next;
  }

  /** Forgets all. */
  clear(): void {
    this.#heap = [];
  }

  /** Takes away the first. */
  #drop(): void {
    const heap = this.#heap;
    const last = heap.pop() as QueuedEvent;
    const { length } = heap;
    if (length === 0) return;
    let index = 0;
    while (true) {
      let child = 2 * index + 1;
      if (child >= length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as QueuedEvent)) {
        child++;
      }
      const below = heap[child] as QueuedEvent;
      if (!isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: QueuedEvent, other: QueuedEvent): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
