import type { Log } from "../base/log.ts";
import type { CameraFinder } from "../control/api/camera_finder.ts";
import { systemClock } from "../host/clock.ts";
import { discoverCameras } from "../link/discovery/discover.ts";
import { streamEntries } from "../link/discovery/stream_entries.ts";

/** Finds the cameras of this machine's networks; one search at a time. */
export function cameraFinder(log: Log): CameraFinder {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    find(o) {
      const found = turn.then(() => discoverCameras(o, systemClock, log));
      turn = found.catch(() => undefined);
      return found;
    },
    entries: streamEntries,
  };
}
