const START = [0, 0, 0, 1];

/** NAL unit types of ITU-T H.265, table 7-1. */
const RASL_R = 9;
const IDR_W_RADL = 19;
const CRA = 21;

/** ISO/IEC 14496-15, 8.3.3.1: parameter sets of `hvcC`, with start codes, and the size of lengths in samples. */
export function readHvcC(
  config: Uint8Array,
): { parameterSets: Uint8Array<ArrayBuffer>; lengthSize: number } {
  const lengthSize = ((config[21] ?? 3) & 3) + 1;
  const out: number[] = [];
  let at = 23;
  for (let arrays = config[22] ?? 0; arrays > 0; arrays--) {
    const count = word(config, at + 1);
    at += 3;
    for (let i = 0; i < count; i++) {
      const size = word(config, at);
      out.push(...START, ...config.subarray(at + 2, at + 2 + size));
      at += 2 + size;
    }
  }
  return { parameterSets: Uint8Array.from(out), lengthSize };
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

/** What a decoder may do with a picture, from the first of its coded slices. */
export interface PictureKind {
  /** Decoding may begin here. */
  readonly entry: boolean;
  /** Nothing that follows refers to it (of its own temporal layer). */
  readonly disposable: boolean;
  /** It leads a random access point and refers to what stands before that. */
  readonly skippedLeading: boolean;
}

/** Reads length-prefixed NAL units; `visit` gets the place of each unit. */
export function visitUnits(
  data: Uint8Array,
  lengthSize: number,
  visit: (from: number, to: number, type: number) => void,
): void {
  for (let at = 0; at + lengthSize < data.length;) {
    let size = 0;
    for (let i = 0; i < lengthSize; i++) {
      size = size * 256 + (data[at + i] ?? 0);
    }
    at += lengthSize;
    const end = Math.min(at + size, data.length);
    if (end > at) visit(at, end, ((data[at] ?? 0) >> 1) & 63);
    at = end;
  }
}

export function pictureKind(data: Uint8Array, lengthSize: number): PictureKind {
  let kind: PictureKind = {
    entry: false,
    disposable: false,
    skippedLeading: false,
  };
  let seen = false;
  visitUnits(data, lengthSize, (_from, _to, type) => {
    if (seen || type > 31) return;
    seen = true;
    kind = {
      entry: type >= 16 && type <= CRA,
      disposable: type < 16 && type % 2 === 0,
      skippedLeading: type === RASL_R || type === RASL_R - 1,
    };
  });
  return kind;
}

/** Length prefixes become start codes. */
export function toAnnexB(
  data: Uint8Array,
  lengthSize: number,
): Uint8Array<ArrayBuffer> {
  let size = 0;
  visitUnits(data, lengthSize, (from, to) => size += 4 + to - from);
  const out = new Uint8Array(size);
  let at = 0;
  visitUnits(data, lengthSize, (from, to) => {
    out[at + 3] = 1;
    out.set(data.subarray(from, to), at + 4);
    at += 4 + to - from;
  });
  return out;
}

/** Whether the pictures before it can no longer be asked for: an IDR, not a CRA. */
export function isIdr(data: Uint8Array, lengthSize: number): boolean {
  let idr = false;
  visitUnits(
    data,
    lengthSize,
    (_from, _to, type) => idr ||= type === IDR_W_RADL || type === IDR_W_RADL + 1,
  );
  return idr;
}
