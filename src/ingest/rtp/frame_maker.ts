import type { Ticks } from "../../base/units.ts";

/** Turns the access units of one track into frames. One implementation a kind of media. */
export interface FrameMaker {
  /**
   * One access unit: views that are valid during the call. `at`: session time in ticks of the RTP clock. `jump`: time
   * is not continuous with the unit before. `paced`: the timestamps stand still, `at` comes from the clock of arrival.
   */
  unit(units: readonly Uint8Array[], at: Ticks, jump: boolean, paced: boolean): void;
  /** Codec configuration met inside the stream, valid from the next unit on. */
  config(config: Uint8Array): void;
  /** Units before the next one were lost. */
  lost(): void;
}
