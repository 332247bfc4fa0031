import type { ContainerFormat } from "./live_muxer.ts";
import { MP4_FORMAT } from "./mp4/live.ts";
import { TS_FORMAT } from "./ts/live.ts";

/** Every container that a live stream can be written into, by name. */
export const CONTAINER_FORMATS = {
  mp4: MP4_FORMAT,
  ts: TS_FORMAT,
} as const satisfies Record<string, ContainerFormat>;

export type ContainerName = keyof typeof CONTAINER_FORMATS;
