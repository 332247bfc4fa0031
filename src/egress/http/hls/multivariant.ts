import { languageCode, languageName } from "../../../media/select/language.ts";
import type { Selection } from "../../../media/select/selection.ts";
import type { AudioTrack, VideoTrack } from "../../../media/track.ts";
import {
  type AudioRendition,
  printMultivariantPlaylist,
  type Variant,
} from "../../../wire/protocol/hls/multivariant_playlist.ts";
import type { BitRate } from "../segments/bit_rate.ts";
import type { Follower } from "../segments/follower.ts";
import { frameRateOf, type Listed, listTracks } from "../segments/listing.ts";
import { type ContainerName, printRenditionKey } from "../segments/rendition_key.ts";

/** What a viewer's address asks of the multivariant playlist. */
export interface MasterForm {
  readonly container: ContainerName;
  /** Video and audio in one playlist. MPEG-TS always has them in one. */
  readonly muxed: boolean;
  readonly selection: Selection;
  /** Query of the addresses in it, with its question mark; empty for none. */
  readonly carried: string;
}

/** Text of the multivariant playlist, or what the stream has instead when none of it can be listed. */
export type Multivariant =
  | { readonly text: string }
  /** `pending`: some of it fits HLS and has only not come yet. */
  | { readonly unplayable: string; readonly pending: boolean };

/** Lists the tracks that have a part; tracks without a form in HLS are named in comments. */
export function printMultivariant(follower: Follower, form: MasterForm): Multivariant {
  const { listed, left, pending } = listTracks(follower, form.container, form.selection);
  const videos = listed.filter((l) => l.track.kind === "video");
  const audios = listed.filter((l) => l.track.kind === "audio");
  if (videos.length + audios.length === 0) {
    return { unplayable: left.join("; ") || "no such tracks", pending };
  }
  const data = listed.filter((l) => l.track.kind === "data");
  const playlist = form.container === "ts"
    ? transportStreams(videos, audios, data, form)
    : form.muxed || videos.length === 0 || audios.length === 0
    ? { audio: [], variants: joined(videos, audios, form) }
    : grouped(videos, audios, form);
  const independentSegments = videos.every((v) => v.independent);
  return { text: printMultivariantPlaylist({ independentSegments, comments: left, ...playlist }) };
}

/** Every variant is one playlist: video alone, audio alone, or both in one file. */
function joined(videos: readonly Listed[], audios: readonly Listed[], form: MasterForm): Variant[] {
  const [audio] = audios;
  if (form.muxed && audio !== undefined && videos.length > 0) {
    return videos.map((video) => variant([video, audio], form));
  }
  return (videos.length > 0 ? videos : audios).map((l) => variant([l], form));
}

/** Every video track with every group of audio; a group is the tracks of one codec, as players switch within it. */
function grouped(videos: readonly Listed[], audios: readonly Listed[], form: MasterForm) {
  const groups = Map.groupBy(audios, (a) => a.track.codecString);
  const audio: AudioRendition[] = [];
  const variants: Variant[] = [];
  let groupNumber = 0;
  for (const members of groups.values()) {
    const group = groupNumber === 0 ? "audio" : `audio${groupNumber}`;
    groupNumber++;
    const names = namesOf(members);
    members.forEach((m, n) => audio.push(rendition(m, group, n, names[n] as string, addressOf([m], form))));
    const loudest = members.reduce((a, b) => (a.rate.peak >= b.rate.peak ? a : b));
    for (const video of videos) {
      variants.push({ ...variant([video, loudest], form), uri: addressOf([video], form), audio: group });
    }
  }
  return { audio, variants };
}

/**
 * MPEG-TS: each video with the first sound and the timed metadata in one file. Further sound is a rendition of its own
 * beside it.
 */
function transportStreams(
  videos: readonly Listed[],
  audios: readonly Listed[],
  data: readonly Listed[],
  form: MasterForm,
) {
  const [first, ...others] = audios;
  if (videos.length === 0 || first === undefined) {
    const media = videos.length > 0 ? videos : audios;
    return { audio: [], variants: media.map((l) => variant([l, ...data], form)) };
  }
  const variants = videos.map((video) => variant([video, first, ...data], form));
  if (others.length === 0) return { audio: [], variants };
  const names = namesOf(audios);
  const audio = audios.map((listed, n) =>
    rendition(listed, "audio", n, names[n] as string, n === 0 ? undefined : addressOf([listed], form))
  );
  return { audio, variants: variants.map((v) => ({ ...v, audio: "audio" })) };
}

/** What viewers choose by: the language; of several with the same one the second and further ones are numbered. */
function namesOf(audios: readonly Listed[]): string[] {
  const counts = new Map<string, number>();
  return audios.map(({ track: { language } }) => {
    const name = isKnown(language) ? languageName(languageCode(language)) : "audio";
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}

function isKnown(language: string): boolean {
  return language !== "" && language !== "und";
}

function rendition(
  listed: Listed,
  group: string,
  n: number,
  name: string,
  uri: string | undefined,
): AudioRendition {
  const { language, channels } = listed.track as AudioTrack;
  return {
    uri,
    group,
    name,
    // RFC 5646: the shortest code there is
    language: isKnown(language) ? languageCode(language) : undefined,
    channels,
    isDefault: n === 0,
  };
}

function variant(listed: readonly Listed[], form: MasterForm): Variant {
  const video = listed.find((l) => l.track.kind === "video");
  const { width, height } = (video?.track ?? { width: 0, height: 0 }) as VideoTrack;
  const sum = (of: (rate: BitRate) => number) => listed.reduce((total, l) => total + of(l.rate), 0);
  return {
    uri: addressOf(listed, form),
    bandwidth: sum((r) => r.peak),
    averageBandwidth: sum((r) => r.average),
    codecs: listed.map((l) => l.track.codecString).filter((c) => c !== ""),
    resolution: width > 0 ? { width, height } : undefined,
    frameRate: video && frameRateOf(video.track as VideoTrack, video.rate),
    audio: undefined,
  };
}

function addressOf(listed: readonly Listed[], { container, carried }: MasterForm): string {
  return `${printRenditionKey(container, listed.map((l) => l.id))}/index.m3u8${carried}`;
}
