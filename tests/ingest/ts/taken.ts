import { Tally } from "../../../src/base/tally.ts";
import { noCounts } from "../../../src/ingest/input_meter.ts";
import { DatagramIntake } from "../../../src/ingest/ts/datagram_intake.ts";
import { TsIntake } from "../../../src/ingest/ts/intake.ts";
import { ManualClock } from "../../manual_clock.ts";
import { ArraySink, type KeptTrack } from "../array_sink.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };

/** A transport stream's way into an array, in a time of its own. */
export function openTaken(o: { program?: number; reorderMillis?: number } = {}) {
  const clock = new ManualClock();
  const sink = new ArraySink();
  const tally = new Tally(() => {});
  const intake = new TsIntake({ program: o.program ?? 0, clock, sink, tally, log: quiet });
  const datagrams = new DatagramIntake(intake, o.reorderMillis ?? 100, tally);
  return {
    clock,
    sink,
    tally,
    intake,
    datagrams,
    /** One datagram of media, and the time until the next one. */
    take(bytes: Uint8Array, millis = 2.5): boolean {
      const used = datagrams.receive(bytes, clock.mono());
      clock.advance(millis);
      return used;
    },
    counts() {
      const into = noCounts();
      datagrams.addCounts(into);
      intake.addCounts(into);
      return into;
    },
    /** Tracks once the sink has made room for them. */
    async tracks(): Promise<{ video: KeptTrack; audio: KeptTrack }> {
      await Promise.resolve();
      await new Promise((resolve) => setTimeout(resolve, 0));
      const of = (kind: string) => sink.tracks.find((t) => t.track.kind === kind)!;
      return { video: of("video"), audio: of("audio") };
    },
  };
}
