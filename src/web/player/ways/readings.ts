import type { Choice, PlaybackStats, TrackKind } from "../playback.ts";
import { type NumberedTrack, type StreamInfo, tracksOf } from "../stream_info.ts";

/** Frames and size as the element counts them. */
export function frameCounts(
  video: HTMLVideoElement,
): Pick<PlaybackStats, "frames" | "dropped" | "width" | "height"> {
  const quality = video.getVideoPlaybackQuality?.();
  return {
    frames: quality?.totalVideoFrames,
    dropped: quality?.droppedVideoFrames,
    width: video.videoWidth,
    height: video.videoHeight,
  };
}

/** Bits a second over the last seconds, from a count of bytes that only grows. */
export function bitRateMeter(): (bytes: number) => number | undefined {
  const seen: { at: number; bytes: number }[] = [];
  return (bytes) => {
    const now = performance.now();
    seen.push({ at: now, bytes });
    while (seen.length > 2 && now - (seen[0]?.at ?? 0) > 5000) seen.shift();
    const first = seen[0];
    return first === undefined || now - first.at < 200
      ? undefined
      : (bytes - first.bytes) * 8000 / (now - first.at);
  };
}

/**
 * A menu of the stream's tracks of a kind: the best by itself, each, and none. `selector` is what was chosen, `playing`
 * the numbers of the tracks that come. Subtitles are shown by those ways only that have a menu of their own.
 */
export function chosenTracks(
  info: StreamInfo,
  kind: TrackKind,
  selector: string | undefined,
  playing: readonly (number | string)[] = [],
): Choice[] {
  const tracks = tracksOf(info).filter((t) => t.kind === kind && kind !== "text");
  if (tracks.length < 2) return [];
  const now = tracks.find((t) => playing.map(Number).includes(t.id));
  const automatic = now === undefined ? "automatic" : `automatic (${trackLabel(now)})`;
  return [
    { id: "", label: automatic, chosen: !selector },
    ...tracks.map((t) => ({ id: String(t.id), label: trackLabel(t), chosen: selector === String(t.id) })),
    { id: "none", label: "none", chosen: selector === "none" },
  ];
}

/** `1280×720 H264 2.1 Mbit/s`, `eng AAC stereo`. */
function trackLabel(track: NumberedTrack): string {
  const parts: string[] = [];
  if (track.lang !== undefined && track.lang !== "" && track.lang !== "und") {
    parts.push(track.lang);
  }
  if (
    track.width !== undefined && track.height !== undefined && track.width > 0
  ) {
    parts.push(`${track.width}×${track.height}`);
  }
  parts.push(track.codec);
  if (track.channels !== undefined && track.kind === "audio") {
    parts.push(
      ({ 1: "mono", 2: "stereo" } as Record<number, string>)[track.channels] ??
        `${track.channels} channels`,
    );
  }
  if (track.bps !== undefined && track.bps > 0) {
    parts.push(bitRateText(track.bps * 8));
  }
  return parts.join(" ");
}

export function bitRateText(bits: number): string {
  return bits >= 1e6 ? `${(bits / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bits / 1000)} kbit/s`;
}
