import type { AdtsConfig } from "../../wire/codec/aac/adts.ts";
import { decodeAdts } from "../../wire/codec/aac/adts.ts";
import { H264Assembler } from "../../wire/codec/h264/assembler.ts";
import { decodeSliceStart } from "../../wire/codec/h264/slice_header.ts";
import { splitAnnexB } from "../../wire/codec/nal.ts";
import type { VideoDescription } from "../../wire/codec/video_description.ts";

export const CLIP_FRAMES_PER_SECOND = 25;
/** Samples of an AAC access unit. */
export const AAC_SAMPLES = 1024;

export interface ClipFrame {
  readonly data: Uint8Array;
  readonly key: boolean;
}

/** The demo clip, canonical frames of both tracks; both are as long as each other, so that it loops without a seam. */
export interface Clip {
  readonly video: readonly ClipFrame[];
  readonly description: VideoDescription;
  readonly audio: readonly Uint8Array[];
  readonly audioConfig: AdtsConfig;
}

/** Reads the clip from its Annex B and ADTS files. Throws when they are not what the build put in. */
export function readClip(h264: Uint8Array, adts: Uint8Array): Clip {
  const assembler = new H264Assembler([]);
  const video: ClipFrame[] = [];
  let picture: Uint8Array[] = [];
  let coded = false;
  const finish = () => {
    const frame = assembler.unit(picture, video.length * 3600);
    if (frame !== undefined) video.push({ data: frame.data.slice(), key: frame.key });
    picture = [];
    coded = false;
  };
  for (const unit of splitAnnexB(h264)) {
    const type = (unit[0] as number) & 31;
    const slice = type === 1 || type === 5;
    if (coded && (!slice || startsPicture(unit))) finish();
    picture.push(unit);
    coded ||= slice;
  }
  finish();
  const audio: Uint8Array[] = [];
  let audioConfig: AdtsConfig | undefined;
  for (let at = 0; at < adts.length;) {
    const frame = decodeAdts(adts.subarray(at));
    if (frame.kind !== "ok") throw new Error(`Demo clip: no ADTS frame at offset ${at}`);
    audioConfig ??= frame.value;
    audio.push(frame.value.payload);
    at += frame.used;
  }
  const { description } = assembler;
  if (description === undefined || audioConfig === undefined) {
    throw new Error("Demo clip: a track is missing");
  }
  return { video, description, audio, audioConfig };
}

function startsPicture(slice: Uint8Array): boolean {
  const start = decodeSliceStart(slice);
  return start.kind === "ok" && start.value.firstMb === 0;
}
