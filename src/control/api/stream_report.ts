import type { StreamStatus } from "../telemetry/stream_status.ts";
import { fieldsOf, type JsonObject } from "./params.ts";

/** The reference product's numbers of states: offline, initializing, booting, waiting for data, online, … invalid. */
export function statusCode(state: StreamStatus["state"]): number {
  switch (state) {
    case "idle":
      return 0;
    case "connecting":
      return 1;
    case "waiting":
      return 3;
    case "online":
      return 4;
    case "refused":
      return 255;
  }
}

/** Fields of `active_streams` that there is something to say about, in its words. */
const FIELDS: Readonly<Record<string, (s: StreamStatus) => unknown>> = {
  status: (s) => statusCode(s.state),
  viewers: (s) => s.viewers,
  inputs: (s) => s.inputs,
  outputs: (s) => s.outputs,
  unspecified: () => 0,
  clients: (s) => s.viewers + s.inputs + s.outputs,
  tracks: (s) => s.tracks.length,
  views: (s) => s.views,
  viewseconds: (s) => Math.round(s.viewSeconds),
  upbytes: (s) => s.bytesOut,
  downbytes: (s) => s.bytesIn,
  packsent: (s) => s.input.packetsIn,
  packloss: (s) => s.input.packetsLost + s.viewerPacketsLost,
  packretrans: () => 0,
  firstms: (s) => millis(s.tracks.map((t) => t.firstSeconds), Math.min),
  lastms: (s) => millis(s.tracks.map((t) => t.lastSeconds), Math.max),
  health: health,
  tags: (s) => s.tags,
};

const NAMES = Object.keys(FIELDS);

/** Values in the order asked for; unknown fields are null. */
export function reportRow(status: StreamStatus, fields: readonly string[]): unknown[] {
  return fields.map((field) => Object.hasOwn(FIELDS, field) ? FIELDS[field]?.(status) : null);
}

export function reportObject(status: StreamStatus, fields: readonly string[] | undefined): JsonObject {
  return Object.fromEntries(fieldsOf(fields, NAMES).map((field) => [field, FIELDS[field]?.(status)]));
}

function millis(seconds: readonly number[], pick: (...values: number[]) => number): number {
  return seconds.length === 0 ? 0 : Math.round(pick(...seconds) * 1000);
}

function health(status: StreamStatus): JsonObject {
  const tracks = status.tracks.map((t) => [`${t.codec}_${t.id}`, {
    codec: t.codec,
    kbits: 0,
    fpks: Math.round(t.frameRate * 1000),
    ...(t.kind === "video"
      ? { width: t.width, height: t.height, keys: { ms_max: Math.round(t.keyFrameSeconds * 1000) } }
      : {}),
    ...(t.kind === "audio" ? { rate: t.sampleRate, channels: t.channels } : {}),
  }]);
  return {
    bitrate: Math.round(status.bitsPerSecond),
    buffer: Math.round(status.bufferSeconds * 1000),
    ...(status.reason === "" ? {} : { issues: status.reason }),
    ...Object.fromEntries(tracks),
  };
}
