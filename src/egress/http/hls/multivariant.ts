import type { TrackView } from "../../../buffer/track_view.ts";
import { CODECS } from "../../../media/codec.ts";
import type { VideoTrack } from "../../../media/track.ts";
import {
  type AudioRendition,
  printMultivariantPlaylist,
  type Variant,
} from "../../../wire/protocol/hls/multivariant_playlist.ts";
import { type BitRate, measureBitRate } from "./bit_rate.ts";
import type { Follower } from "./follower.ts";
import { playable, type PlayableTrack } from "./playable.ts";

/** A track that can be listed now. */
interface Listed {
  readonly id: number;
  readonly track: PlayableTrack;
  readonly rate: BitRate;
}

/** Text of the multivariant playlist, or what the stream has instead when none of it can be listed. */
export type Multivariant =
  | { readonly text: string }
  /** `pending`: some of it fits HLS and has only not come yet. */
  | { readonly unplayable: string; readonly pending: boolean };

/**
 * Lists the tracks that have a part. With `muxed`, the first video and the first audio track are one playlist;
 * otherwise audio is a rendition of its own. Tracks without a form in HLS are named in comments.
 */
export function printMultivariant(follower: Follower, muxed: boolean): Multivariant {
  const listed: Listed[] = [];
  const comments: string[] = [];
  let pending = false;
  for (const view of follower.tracks) {
    const track = view.track()?.track;
    if (track === undefined || view.session !== follower.stream.session) continue;
    const output = playable(track);
    const { label } = CODECS[track.codec];
    if (output === undefined) {
      comments.push(`track ${view.id}, ${label}, is left out: HLS has no form for it`);
    } else if (follower.find(String(view.id))?.rendition.newest === undefined) {
      comments.push(`track ${view.id}, ${label}, is left out: nothing of it has come yet`);
      pending = true;
    } else listed.push({ id: view.id, track: output, rate: rateOf(follower, view) });
  }
  if (listed.length === 0) return { unplayable: comments.join("; ") || "no tracks", pending };
  const videos = listed.filter((l) => l.track.kind === "video");
  const audios = listed.filter((l) => l.track.kind === "audio");
  const playlist = muxed || videos.length === 0 || audios.length === 0
    ? { audio: [], variants: joined(videos, audios, muxed) }
    : grouped(videos, audios);
  // Segments are cut at the key frames of the leading track only.
  const independentSegments = videos.every((v) => v.id === follower.stream.leading);
  return { text: printMultivariantPlaylist({ independentSegments, comments, ...playlist }) };
}

/** Every variant is one playlist: video alone, audio alone, or both muxed. */
function joined(videos: readonly Listed[], audios: readonly Listed[], muxed: boolean): Variant[] {
  const [video] = videos, [audio] = audios;
  if (muxed && video !== undefined && audio !== undefined) {
    return [variant([video, audio], `${video.id}_${audio.id}`)];
  }
  const kind = videos.length > 0 ? videos : audios;
  return kind.map((l) => variant([l], String(l.id)));
}

/** Every video track with every group of audio; a group is the tracks of one codec, as players switch within it. */
function grouped(videos: readonly Listed[], audios: readonly Listed[]) {
  const groups = Map.groupBy(audios, (a) => a.track.codecString);
  const audio: AudioRendition[] = [];
  const variants: Variant[] = [];
  let groupNumber = 0;
  for (const members of groups.values()) {
    const group = groupNumber === 0 ? "audio" : `audio${groupNumber}`;
    groupNumber++;
    members.forEach((m, n) => audio.push(rendition(m, group, n)));
    const loudest = members.reduce((a, b) => (a.rate.peak >= b.rate.peak ? a : b));
    for (const video of videos) {
      variants.push({ ...variant([video, loudest], String(video.id)), audio: group });
    }
  }
  return { audio, variants };
}

function rendition(listed: Listed, group: string, n: number): AudioRendition {
  const { track } = listed;
  const known = track.language !== "" && track.language !== "und";
  return {
    uri: `${listed.id}/index.m3u8`,
    group,
    name: `${known ? track.language : "audio"}${n === 0 ? "" : ` ${n + 1}`}`,
    language: known ? track.language : undefined,
    channels: track.kind === "audio" ? track.channels : 0,
    isDefault: n === 0,
  };
}

function variant(listed: readonly Listed[], key: string): Variant {
  const video = listed.find((l) => l.track.kind === "video")?.track as VideoTrack | undefined;
  const sum = (of: (rate: BitRate) => number) => listed.reduce((total, l) => total + of(l.rate), 0);
  return {
    uri: `${key}/index.m3u8`,
    bandwidth: sum((r) => r.peak),
    averageBandwidth: sum((r) => r.average),
    codecs: listed.map((l) => l.track.codecString).filter((c) => c !== ""),
    resolution: video && video.width > 0 ? { width: video.width, height: video.height } : undefined,
    frameRate: video && frameRateOf(video, listed),
    audio: undefined,
  };
}

/** What the parameter sets say, else what comes: to the tenth, as cameras are not exact. */
function frameRateOf(video: VideoTrack, listed: readonly Listed[]): number | undefined {
  if (video.frameRate > 0) return video.frameRate;
  const measured = listed.find((l) => l.track === video)?.rate.frameRate ?? 0;
  return measured > 0 ? Math.round(measured * 10) / 10 : undefined;
}

function rateOf(follower: Follower, view: TrackView): BitRate {
  return measureBitRate(view, follower.stream.oldestSegment, follower.stream.newestSegment);
}
