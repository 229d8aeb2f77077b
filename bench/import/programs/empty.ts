/** Nothing: what a start costs anyway. */
export {};
