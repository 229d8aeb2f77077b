/**
 * Whether this is a worker of a server.
 *
 * @module
 */

let isWorker = false;

/** Says that it is. */
export function enterWorker(): void {
  isWorker = true;
}

/** Whether it is. */
export function isInWorker(): boolean {
  return isWorker;
}
