// How codecs lie in Ogg: RFC 7845 (Opus), RFC 9639, 10.1 (FLAC). Vorbis would have its row here; no input brings it.
import { ByteWriter, joinBytes } from "../../../base/bytes.ts";
import type { Codec } from "../../../media/codec.ts";
import type { Track } from "../../../media/track.ts";
import { nativeFlacHeader } from "../../codec/flac/native_header.ts";
import { opusPacketSamples } from "../../codec/opus/opus.ts";
import { opusHead } from "../../codec/opus/opus_head.ts";
import type { MuxFrame } from "../live_muxer.ts";

export interface OggMapping {
  /** The packet of the track's first page. */
  readonly head: Uint8Array;
  /** Packets of the pages that follow it, before any frame. */
  readonly more: readonly Uint8Array[];
  /** The granule position behind a frame: samples since the reader's start. */
  readonly granule: (frame: MuxFrame) => number;
}

const VENDOR = "fogcast";

/** Vorbis comments without any: vendor, number of comments; Ogg Vorbis I, 5.2.1. */
function comments(): Uint8Array {
  const vendor = new TextEncoder().encode(VENDOR);
  return joinBytes([Uint8Array.of(vendor.length, 0, 0, 0), vendor, new Uint8Array(4)]);
}

/** RFC 7845, 4: counts at 48 kHz whatever was encoded; a packet's length is its own, not the packets' distance. */
function opus(track: Track): OggMapping {
  return {
    head: opusHead(track.config),
    more: [joinBytes([new TextEncoder().encode("OpusTags"), comments()])],
    granule: (frame) => Math.round((frame.dts * 48_000) / track.timescale) + opusPacketSamples(frame.data),
  };
}

/** RFC 9639, 10.1: one header packet follows, a comment block, which is the last metadata block. */
function flac(track: Track): OggMapping {
  const head = new ByteWriter(51);
  head.u8(0x7f).latin1("FLAC").u8(1).u8(0).u16(1).bytes(nativeFlacHeader(track.config, false));
  const block = comments();
  const tags = new ByteWriter(64);
  tags.u8(0x84).u24(block.length).bytes(block);
  return { head: head.take(), more: [tags.take()], granule: (frame) => frame.dts + frame.duration };
}

const MAPPINGS: Readonly<Partial<Record<Codec, (track: Track) => OggMapping>>> = { opus, flac };

/** Whether a codec has a form in Ogg here. */
export function oggCarries(codec: Codec): boolean {
  return Object.hasOwn(MAPPINGS, codec);
}

/** How a track lies in Ogg; undefined for a codec that does not. */
export function oggMapping(track: Track): OggMapping | undefined {
  return MAPPINGS[track.codec]?.(track);
}
