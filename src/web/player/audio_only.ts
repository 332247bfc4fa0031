import { type Box, type Mp4Sample, readBoxes, viewOf } from "./mp4_boxes.ts";

/** The initialisation segment with one of its tracks alone, so that Media Source Extensions play the sound by itself. */
export function initOf(
  bytes: Uint8Array<ArrayBuffer>,
  track: number,
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const box of readBoxes(bytes)) {
    if (box.type === "moov") parts.push(keep(bytes, box, track));
    else if (box.type === "ftyp") parts.push(bytes.subarray(box.at, box.end));
  }
  return concat(parts);
}

/** A box of boxes without those that belong to other tracks. */
function keep(bytes: Uint8Array, container: Box, track: number): Uint8Array {
  const view = viewOf(bytes);
  const kept: Uint8Array[] = [];
  for (const box of readBoxes(bytes, container.body, container.end)) {
    if (box.type === "trex" && view.getUint32(box.body + 4) !== track) continue;
    if (box.type === "trak") {
      const [tkhd] = readBoxes(bytes, box.body, box.end);
      if (tkhd?.type !== "tkhd") continue;
      if (
        view.getUint32(tkhd.body + (bytes[tkhd.body] === 1 ? 20 : 12)) !== track
      ) continue;
    }
    kept.push(
      box.type === "mvex" ? keep(bytes, box, track) : bytes.subarray(box.at, box.end),
    );
  }
  return makeBox(container.type, kept);
}

/** A fragment of frames of one track; their durations and times are taken as they are. */
export function fragmentOf(
  samples: readonly Mp4Sample[],
  sequence: number,
): Uint8Array<ArrayBuffer> {
  const [first] = samples;
  if (first === undefined) return new Uint8Array();
  const row = new Uint8Array(samples.length * 12);
  const rows = viewOf(row);
  for (const [i, { duration, data, dts, pts }] of samples.entries()) {
    rows.setUint32(i * 12, duration);
    rows.setUint32(i * 12 + 4, data.length);
    rows.setInt32(i * 12 + 8, pts - dts);
  }
  const time = new Uint8Array(12);
  viewOf(time).setUint32(0, 1 << 24);
  viewOf(time).setBigUint64(4, BigInt(first.dts));
  // mfhd 16, tfhd 16, tfdt 20, trun 20 and its rows, around them moof 8 and traf 8; then the head of mdat
  const length = 8 + 16 + 8 + 16 + 20 + 20 + row.length;
  const moof = makeBox("moof", [
    makeBox("mfhd", [words(0, sequence)]),
    makeBox("traf", [
      makeBox("tfhd", [words(0x020000, first.track)]),
      makeBox("tfdt", [time]),
      makeBox("trun", [words(0x01000b01, samples.length, length + 8), row]),
    ]),
  ]);
  return concat([moof, makeBox("mdat", samples.map((s) => s.data))]);
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  for (const [i, value] of values.entries()) {
    viewOf(bytes).setUint32(i * 4, value);
  }
  return bytes;
}

function makeBox(
  type: string,
  content: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const head = words(8 + content.reduce((sum, c) => sum + c.length, 0), 0);
  for (let i = 0; i < 4; i++) head[4 + i] = type.charCodeAt(i);
  return concat([head, ...content]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
