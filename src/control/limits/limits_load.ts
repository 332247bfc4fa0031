/** How close the server is to its limits, and what it turned away since its start. */
export interface LimitsLoad {
  readonly viewersRefused: number;
  /** Streams not started for want of memory. */
  readonly streamsRefused: number;
  /** Bytes that the buffers of all streams take, and may take. */
  readonly bufferUsedBytes: number;
  readonly bufferBudgetBytes: number;
}
