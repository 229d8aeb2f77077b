/** What is used of `jsr:@std/testing/time`, where JSR cannot be reached. */

export class FakeTime implements Disposable {
  constructor(start?: Date | number | string | null);
  get now(): number;
  tick(ms?: number): void;
  restore(): void;
  [Symbol.dispose](): void;
}
