import type { MediaDescription, SessionDescription } from "../../wire/protocol/sdp/description.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";

/** A media to set up, with the formats of it that can be read, in the camera's order. */
export interface ChosenMedia {
  /** In the description. */
  readonly index: number;
  readonly media: MediaDescription;
  readonly formats: readonly RtpFormat[];
}

/** Which medias the user wants: a value of the option `tracks`. */
export type WantedTracks = "all" | "video" | "audio" | "video+audio";

/**
 * Picks the medias that are worth a SETUP. `readable` tells formats that there is a reader for. `offered` names what the
 * camera has, for the message where nothing is picked.
 */
export function chooseMedias(
  description: SessionDescription,
  wanted: WantedTracks,
  readable: (format: RtpFormat) => boolean,
): { chosen: ChosenMedia[]; offered: string[] } {
  const chosen: ChosenMedia[] = [];
  const offered = new Set<string>();
  description.medias.forEach((media, index) => {
    for (const name of namesOf(media)) offered.add(name);
    if (media.protocol.includes("SAVP") || media.direction === "inactive") return;
    if (isBackChannel(media, description.medias)) return;
    if (wanted !== "all" && !wanted.split("+").includes(media.type)) return;
    const formats = media.formats.filter(readable);
    if (formats.length > 0) chosen.push({ index, media, formats });
  });
  return { chosen, offered: [...offered] };
}

/**
 * Whether the media is for talking to the camera: audio marked sendonly (ONVIF Streaming, 5.3), beside something that
 * the camera sends. All marked sendonly (IDS uEye, Fritz!Box): the camera takes the word for its own side.
 */
export function isBackChannel(media: MediaDescription, all: readonly MediaDescription[]): boolean {
  return media.direction === "sendonly" && media.type === "audio" &&
    all.some((other) => other.direction !== "sendonly" && other.direction !== "inactive");
}

/** Names of what a media section offers, for messages. */
export function namesOf(media: MediaDescription): string[] {
  const secure = media.protocol.includes("SAVP") ? " over SRTP" : "";
  const names = media.formats.map((f) =>
    (f.encoding === "" ? `payload type ${f.payloadType} without a name` : f.encoding) + secure
  );
  return names.length > 0 ? names : [`${media.type.slice(0, 40)} without a format`];
}
