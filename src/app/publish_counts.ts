import type { Vitals } from "../control/supervise/vitals.ts";
import type { InputCounts } from "../ingest/input_meter.ts";

/** Writes what an input has received where the controller reads it. */
export function publishCounts(counts: Readonly<InputCounts>, vitals: Vitals): void {
  vitals.set("bytesIn", counts.bytes);
  vitals.set("packetsIn", counts.packets);
  vitals.set("packetsLost", counts.lost);
  vitals.set("packetsReordered", counts.reordered);
  vitals.set("packetsDuplicated", counts.duplicated);
  vitals.set("framesIn", counts.frames);
  vitals.set("framesDamaged", counts.damaged);
  vitals.set("jitterMillis", counts.jitterMillis);
  vitals.set("tsDiscontinued", counts.discontinued);
  vitals.set("tsScrambled", counts.scrambled);
  vitals.set("packetsRecovered", counts.recovered);
  vitals.set("packetsUnrecoverable", counts.unrecoverable);
}
