import { joinBytes } from "../../../../src/base/bytes.ts";
import { decodeObu, encodeObu, type Obu } from "../../../../src/wire/codec/av1/obu.ts";
import { addEmulation } from "../../../../src/wire/codec/nal.ts";
import { encodeTsDescriptors, registration } from "../../../../src/wire/container/ts/descriptors.ts";
import { writePcr } from "../../../../src/wire/container/ts/packet.ts";
import { writePesHeader } from "../../../../src/wire/container/ts/pes.ts";
import { encodePat, encodePmt, sectionPackets, writeSection } from "../../../../src/wire/container/ts/psi.ts";

const [PMT, VIDEO] = [0x1000, 0x100];
const STREAM_PRIVATE_1 = 0xbd;
const [TEMPORAL_DELIMITER, FRAME_HEADER, FRAME] = [2, 3, 6];

export interface Av1TsOptions {
  /** OBUs say their length. */
  readonly sized?: boolean;
  readonly delimiters?: boolean;
  /** As a first draft had it: whole temporal units, no start codes. */
  readonly plain?: boolean;
}

/** OBUs of a temporal unit, in access units: one for each frame that is coded or shown. */
export function accessUnits(sample: Uint8Array): Obu[][] {
  const units: Obu[][] = [];
  let open: Obu[] = [];
  for (let rest = sample; rest.length > 0;) {
    const decoded = decodeObu(rest);
    if (decoded.kind !== "ok") throw new Error("an OBU of the clip cannot be read");
    const { type } = decoded.value;
    const frame = type === FRAME || type === FRAME_HEADER;
    if (frame && open.some((o) => o.type === FRAME || o.type === FRAME_HEADER)) {
      units.push(open);
      open = [];
    }
    open.push(decoded.value);
    rest = rest.subarray(decoded.used);
  }
  return [...units, open];
}

function obuBytes(obu: Obu, sized: boolean): Uint8Array {
  if (sized) return encodeObu(obu);
  const head = obu.extension >= 0 ? [(obu.type << 3) | 4, obu.extension] : [obu.type << 3];
  return joinBytes([Uint8Array.from(head), obu.payload]);
}

/** PES packets of one temporal unit: the access units of "Carriage of AV1 in MPEG-2 TS", 4.3 and 4.4. */
function packetsOf(sample: Uint8Array, o: Av1TsOptions): Uint8Array[] {
  if (o.plain === true) return [sample];
  return accessUnits(sample).map((unit, i) => {
    const delimiter = { type: TEMPORAL_DELIMITER, extension: -1, payload: new Uint8Array(0) };
    const obus = i === 0 && o.delimiters === true ? [delimiter, ...unit] : unit;
    return joinBytes(obus.flatMap((obu) => [
      Uint8Array.of(0, 0, 1),
      addEmulation(obuBytes(obu, o.sized === true)),
    ]));
  });
}

/** Temporal units as a transport stream, 3600 ticks apart, made from the text of the specification. */
export function av1Ts(samples: readonly Uint8Array[], o: Av1TsOptions = {}): Uint8Array {
  const out: Uint8Array[] = [];
  const descriptors = encodeTsDescriptors([
    registration("AV01"),
    { tag: 0x80, payload: Uint8Array.of(0x81, 0, 0x0c, 0) },
  ]);
  const table = (section: Uint8Array, pid: number) => {
    const bytes = new Uint8Array(188 * sectionPackets(section.length));
    writeSection(bytes, 0, section, pid, 0);
    out.push(bytes);
  };
  table(encodePat(1, 0, [{ program: 1, pid: PMT }]), 0);
  const streams = [{ streamType: 6, pid: VIDEO, descriptors }];
  table(encodePmt(1, 0, { pcrPid: VIDEO, descriptors: new Uint8Array(0), streams }), PMT);
  let counter = 0;
  const pes = (payload: Uint8Array, pts: number, dts: number) => {
    const head = new Uint8Array(19);
    const size = writePesHeader(head, 0, STREAM_PRIVATE_1, pts, dts, payload.length);
    const bytes = joinBytes([head.subarray(0, size), payload]);
    for (let at = 0; at < bytes.length;) {
      const packet = new Uint8Array(188).fill(0xff);
      packet.set([0x47, (at === 0 ? 0x40 : 0) | (VIDEO >> 8), VIDEO & 0xff, 0x30 | counter]);
      counter = (counter + 1) & 15;
      const clock = at === 0 ? 7 : 1;
      const take = Math.min(183 - clock, bytes.length - at);
      packet[4] = 183 - take;
      packet[5] = 0;
      if (at === 0) {
        packet[5] = 0x10;
        writePcr(packet, 6, dts * 300);
      }
      packet.set(bytes.subarray(at, at + take), 188 - take);
      at += take;
      out.push(packet);
    }
  };
  samples.forEach((sample, n) => {
    const packets = packetsOf(sample, o);
    const shown = 90_000 + 3600 * n;
    packets.forEach((packet, i) => pes(packet, shown, shown - 300 * (packets.length - 1 - i)));
  });
  return joinBytes(out);
}
