// RFC 7845, 5.1: the identification header, which Ogg, Matroska and FLV keep an Opus track's configuration in.
import { decodeOpusConfig, type OpusConfig } from "./opus.ts";
import { joinBytes } from "../../../base/bytes.ts";

/** `OpusHead` of a track's configuration (`dOps`): the same fields, the least significant byte first. Throws RangeError for a configuration that cannot be read. */
export function opusHead(config: Uint8Array): Uint8Array<ArrayBuffer> {
  const decoded = decodeOpusConfig(config);
  if (decoded.kind !== "ok") {
    throw new RangeError(`Cannot write OpusHead of a configuration of ${config.length} bytes`);
  }
  return encodeOpusHead(decoded.value);
}

/** Encodes the header. */
export function encodeOpusHead(c: OpusConfig): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(19);
  const view = new DataView(head.buffer);
  for (let i = 0; i < 8; i++) head[i] = "OpusHead".charCodeAt(i);
  head[8] = 1; // version
  head[9] = c.channels;
  view.setUint16(10, c.preSkip, true);
  view.setUint32(12, c.inputSampleRate, true);
  view.setInt16(16, c.outputGain, true);
  head[18] = c.mapping?.family ?? 0;
  if (c.mapping === undefined) return head;
  return joinBytes([head, Uint8Array.of(c.mapping.streams, c.mapping.coupled), c.mapping.channels]);
}
