/** What a test may tell `faulty_worker.ts` to do, by index; the first is to write pictures. */
export const FAULTS = ["none", "throw", "reject", "loop", "exit", "throw at once"] as const;

export type Fault = typeof FAULTS[number];

/** What the worker gets beside its usual share. */
export interface FaultyInit {
  /** One int32: index of the fault. */
  readonly order: SharedArrayBuffer;
}
