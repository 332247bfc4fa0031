import type { SessionKind } from "./session_row.ts";

/** What sessions did since the start of the server; numbers only grow. */
export interface Sums {
  /** Sessions begun. */
  readonly sessions: Record<SessionKind, number>;
  /** Seconds that viewers watched, all added up. */
  viewSeconds: number;
  bytesOut: number;
  bytesIn: number;
  /** Packets that inputs received and outputs and viewers were sent, and those that were missed. */
  packets: number;
  packetsLost: number;
  /** Those of viewers alone. */
  viewerPackets: number;
  viewerPacketsLost: number;
}

export function emptySums(): Sums {
  return {
    sessions: { viewer: 0, input: 0, output: 0 },
    viewSeconds: 0,
    bytesOut: 0,
    bytesIn: 0,
    packets: 0,
    packetsLost: 0,
    viewerPackets: 0,
    viewerPacketsLost: 0,
  };
}

export function addSums(sums: Sums, bytesOut: number, bytesIn: number): void {
  sums.bytesOut += bytesOut;
  sums.bytesIn += bytesIn;
}
