import { decodeLatm } from "../../src/wire/codec/aac/latm.ts";
import { splitAnnexB } from "../../src/wire/codec/nal.ts";
import type { VideoAssembler } from "../../src/wire/codec/video_description.ts";
import { DEPACKETIZERS } from "../../src/wire/protocol/rtp/depacketize/table.ts";
import type { UnitSink } from "../../src/wire/protocol/rtp/depacketize/depacketizer.ts";
import { writeJpegHeaders } from "../../src/wire/protocol/rtp/depacketize/jpeg_headers.ts";
import { quantTables } from "../../src/wire/protocol/rtp/depacketize/jpeg_tables.ts";
import { PacketWriter } from "../../src/wire/protocol/rtp/packetize/packetizer.ts";
import { PACKETIZERS } from "../../src/wire/protocol/rtp/packetize/table.ts";
import { readProof } from "../../src/wire/protocol/rtsp/proof.ts";
import { trackFormat } from "../../src/wire/protocol/sdp/track_format.ts";
import type { Track } from "../../src/media/track.ts";
import { TsDemuxer } from "../../src/wire/container/ts/demux/demuxer.ts";
import { encodePat, encodePmt, writeSection } from "../../src/wire/container/ts/psi.ts";
import { parseChallenges } from "../../src/wire/protocol/rtsp/challenge.ts";
import { FecDecoder } from "../../src/wire/protocol/fec/decoder.ts";
import { RTP_HEADER } from "../../src/wire/protocol/rtp/packet.ts";
import { findReceivable } from "../../src/wire/protocol/sdp/receivable.ts";
import { RtspParser } from "../../src/wire/protocol/rtsp/parser.ts";
import { discoverTargets, wireSources } from "./discover.ts";
import { onePiece, printPieces, readPieces } from "./pieces.ts";
import type { FuzzTarget } from "./target.ts";

const ASSEMBLER = /^export class (\w+Assembler) (?:implements VideoAssembler|extends WholeFrameAssembler)/gm;

const TOP = new URL("../../", import.meta.url).pathname;
const encoder = new TextEncoder();

/** Decoders that take more than bytes, or that keep state between calls. */
const BY_HAND: readonly FuzzTarget[] = [
  {
    name: "rtsp_parser_in_pieces",
    source: "src/wire/protocol/rtsp/parser.ts",
    throws: [],
    seeds: [
      encoder.encode("RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 3\r\n\r\nabc$\0\0\x02xy"),
      encoder.encode("OPTIONS rtsp://h/ RTSP/1.0\r\nCSeq: 2\r\n\r\n\r\nGET_PARAMETER * RTSP/1.0\r\n\r\n"),
    ],
    run(bytes) {
      const parser = new RtspParser({ request: nothing, response: nothing, interleaved: nothing });
      // The first byte says how long the pieces are, so that every border is met.
      const step = 1 + (bytes[0] ?? 0) % 64;
      for (let at = 1; at < bytes.length; at += step) {
        const answer = parser.push(bytes.subarray(at, at + step));
        if (answer !== undefined) return answer;
      }
      return undefined;
    },
    adapt: (seed) => Uint8Array.of(seed.length & 0xff, ...seed),
  },
  {
    name: "challenges",
    source: "src/wire/protocol/rtsp/challenge.ts",
    throws: [],
    run: (bytes) => parseChallenges(new TextDecoder().decode(bytes).split("\n")),
  },
  {
    name: "rtsp_proof",
    source: "src/wire/protocol/rtsp/proof.ts",
    throws: [],
    seeds: [
      encoder.encode('Digest username="u", realm="r", nonce="n", uri="/", response="0", qop=auth, nc=1'),
    ],
    run: (bytes) =>
      readProof(new TextDecoder().decode(bytes).split("\n"), "PLAY", { realm: "r", nonce: "n" }).kind,
  },
  {
    name: "jpeg_packetizer",
    source: "src/wire/protocol/rtp/packetize/jpeg_image.ts",
    throws: ["RangeError"],
    seeds: [
      writeJpegHeaders({ type: 1, width: 320, height: 8, restart: 4 }, quantTables(50), 0) ??
        new Uint8Array(0),
    ],
    run: (bytes) => sendFrame("jpeg", new Uint8Array(0), bytes),
  },
  ...(["h264", "h265", "av1"] as const).map((codec): FuzzTarget => ({
    name: `packetize_${codec}`,
    source: `src/wire/protocol/rtp/packetize/${codec}.ts`,
    throws: ["RangeError"],
    run: (bytes) => sendFrame(codec, bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1)),
  })),
  ...(["h264", "h265", "av1", "opus", "vp9"] as const).map((codec): FuzzTarget => ({
    name: `track_format_${codec}`,
    source: "src/wire/protocol/sdp/track_format.ts",
    throws: [],
    run: (config) => trackFormat(trackOf(codec, config), 96)?.fmtp.size,
  })),
  {
    // Bit 0 of a piece makes it parity.
    name: "fec_decoder",
    source: "src/wire/protocol/fec/decoder.ts",
    throws: [],
    run(bytes) {
      let mended = 0;
      const decoder = new FecDecoder((packet) => mended += packet.length);
      for (const { flags, bytes: piece } of readPieces(bytes)) {
        if (flags & 1) decoder.parity(piece);
        else if (piece.length >= RTP_HEADER) decoder.media(piece);
      }
      return `${Math.sign(mended)} ${decoder.columns > 0} ${decoder.rows > 0}`;
    },
    adapt: onePiece,
  },
  {
    name: "find_receivable",
    source: "src/wire/protocol/sdp/receivable.ts",
    throws: [],
    run(bytes) {
      const { medias, problems } = findReceivable(new TextDecoder().decode(bytes));
      return `${medias.length > 0} ${problems[0]?.why.replaceAll(/".*"|\d+/g, "").slice(0, 40)}`;
    },
  },
  {
    name: "ts_demuxer",
    source: "src/wire/container/ts/demux/demuxer.ts",
    throws: [],
    run(bytes) {
      const met = new Set<string>();
      const demuxer = new TsDemuxer({
        track: (track) => met.add(`track ${track.codec}`),
        frame: (id, info) => met.add(`frame ${id} ${info.discontinuity}`),
        mishap: (name) => met.add(name),
      }, { program: "all" });
      // The first byte says how long the pieces are, so that every border is met.
      const step = 1 + ((bytes[0] ?? 0) % 4) * 97;
      for (let at = 1; at < bytes.length; at += step) demuxer.push(bytes.subarray(at, at + step));
      demuxer.flush();
      return [...met].sort().join(", ");
    },
    adapt: (seed) => Uint8Array.of(3, ...seed),
  },
  {
    // Tables are sound, so that what is tried reaches the streams: pieces are payloads of packets, bit 0 begins a PES
    // packet, bit 1 loses packets; the first piece says which type of stream it is.
    name: "ts_streams",
    source: "src/wire/container/ts/demux/demuxer.ts",
    throws: [],
    run(bytes) {
      const met = new Set<string>();
      const [first, ...pieces] = readPieces(bytes);
      const streamType = TS_TYPES[(first?.flags ?? 0) % TS_TYPES.length] as number;
      const demuxer = new TsDemuxer({
        track: (track) => met.add(`track ${track.codec}`),
        frame: (id, info) => met.add(`frame ${id} ${info.discontinuity}`),
        mishap: (name) => met.add(name),
      });
      const descriptors = first?.bytes.subarray(0, 64) ?? new Uint8Array(0);
      const pmt = {
        pcrPid: 256,
        descriptors: new Uint8Array(0),
        streams: [{ streamType, pid: 256, descriptors }],
      };
      const packet = new Uint8Array(188);
      writeSection(packet, 0, encodePat(1, 0, [{ program: 1, pid: 4096 }]), 0, 0);
      demuxer.packet(packet, 0);
      writeSection(packet, 0, encodePmt(1, 0, pmt), 4096, 0);
      demuxer.packet(packet, 0);
      let counter = 0;
      for (const { flags, bytes: piece } of pieces) {
        for (let at = 0; at < piece.length; at += 183) {
          const payload = piece.subarray(at, at + 183);
          counter = (counter + ((flags & 2) !== 0 ? 2 : 1)) & 15;
          packet.fill(0xff);
          packet.set([
            0x47,
            at === 0 && (flags & 1) !== 0 ? 0x41 : 1,
            0,
            0x30 | counter,
            183 - payload.length,
            0,
          ]);
          packet.set(payload, 188 - payload.length);
          demuxer.packet(packet, 0);
        }
      }
      demuxer.flush();
      return [...met].sort().join(", ");
    },
    adapt: (seed) =>
      printPieces([
        { flags: (seed[0] ?? 0) + (seed[1] ?? 0), bytes: seed.subarray(0, 8) },
        {
          flags: 1,
          bytes: Uint8Array.of(
            0,
            0,
            1,
            0xe0,
            0,
            0,
            0x80,
            0x80,
            5,
            0x21,
            0,
            1,
            0,
            1,
            ...seed.subarray(0, 8000),
          ),
        },
        {
          flags: 1,
          bytes: Uint8Array.of(
            0,
            0,
            1,
            0xe0,
            0,
            0,
            0x80,
            0x80,
            5,
            0x21,
            0,
            1,
            0x1c,
            0x21,
            ...seed.subarray(0, 8000),
          ),
        },
      ]),
  },
  {
    name: "latm_with_configuration",
    source: "src/wire/codec/aac/latm.ts",
    throws: [],
    run(bytes) {
      const first = decodeLatm(bytes, undefined, true);
      if (first.kind !== "ok") return first;
      return decodeLatm(bytes.subarray(first.used), first.value.config, true);
    },
  },
];

/** Stream types whose readers differ. */
const TS_TYPES = [0x1b, 0x24, 0x0f, 0x11, 0x03, 0x81, 0x87, 0x06, 0x15, 0x86];

function nothing(): void {
  // What was found is of no interest here.
}

/** One target for each RTP payload format: pieces are packets, bit 0 the marker, bit 1 a gap, bit 2 a new timestamp. */
function depacketizers(): FuzzTarget[] {
  return Object.entries(DEPACKETIZERS).map(([encoding, open]) => ({
    name: `depacketize_${encoding.toLowerCase()}`,
    source: "src/wire/protocol/rtp/depacketize/table.ts",
    throws: [],
    adapt: onePiece,
    run(bytes) {
      const met = new Set<string>();
      const sink: UnitSink = {
        unit: (units) => met.add(`unit of ${Math.min(units.length, 3)}`),
        config: () => met.add("config"),
        damaged: (why) => met.add(why),
        skipped: (why) => met.add(why),
      };
      const format = { payloadType: 96, encoding, clockRate: 90_000, channels: 1, fmtp: new Map() };
      const depacketizer = open(format, sink, 64 * 1024);
      let timestamp = 0xffffff00;
      let sequence = 0xfffe;
      for (const { flags, bytes: payload } of readPieces(bytes)) {
        if ((flags & 4) !== 0) timestamp = (timestamp + 3000) >>> 0;
        sequence = (sequence + 1) & 0xffff;
        const packet = { payloadType: 96, marker: (flags & 1) !== 0, sequence, timestamp, ssrc: 1, payload };
        depacketizer.packet(packet, (flags & 2) !== 0);
      }
      depacketizer.flush();
      return [...met].sort().join(", ");
    },
  }));
}

/** One target for each video assembler: pieces are units, bit 0 ends the access unit, bit 1 resets, others move the time. */
async function assemblers(): Promise<FuzzTarget[]> {
  const targets: FuzzTarget[] = [];
  for (const { path, text } of wireSources()) {
    for (const match of text.matchAll(ASSEMBLER)) {
      const module: Record<string, unknown> = await import(TOP + path);
      const Assembler = module[match[1] as string] as new (sets: readonly Uint8Array[]) => VideoAssembler;
      targets.push({
        name: match[1] as string,
        source: path,
        throws: [],
        adapt: onePiece,
        combine: path.includes("h26") ? (seeds) => nalStreams(seeds, path.includes("h265")) : undefined,
        run: (bytes) => assemble(new Assembler(readPieces(bytes).slice(0, 3).map((p) => p.bytes)), bytes),
      });
    }
  }
  return targets;
}

/** Packets that a frame of a track with that configuration takes. */
function sendFrame(codec: "jpeg" | "h264" | "h265" | "av1", config: Uint8Array, frame: Uint8Array): number {
  let packets = 0;
  const writer = new PacketWriter({ payloadType: 96, ssrc: 1, sequence: 0, packetMax: 600 }, (packet) => {
    if (packet.length > 600) throw new Error(`packet of ${packet.length} bytes`);
    packets++;
  });
  const packetizer = PACKETIZERS[codec]?.(writer, 1);
  if (codec === "av1" || codec === "jpeg") packetizer?.config(config.length < 4 ? new Uint8Array(4) : config);
  packetizer?.frame(frame, 0, true);
  return Math.min(packets, 3);
}

function trackOf(codec: "h264" | "h265" | "av1" | "vp9" | "opus", config: Uint8Array): Track {
  const base = { id: 0, config, codecString: "", language: "und" };
  return codec === "opus"
    ? { ...base, codec, kind: "audio", timescale: 48_000, sampleRate: 48_000, channels: 2 }
    : { ...base, codec, kind: "video", timescale: 90_000, width: 0, height: 0, frameRate: 0 };
}

/** For each parameter set of the kind that a picture names, a stream: all other sets, that one, then slices. */
function nalStreams(seeds: readonly Uint8Array[], hevc: boolean): Uint8Array[] {
  const units = seeds.flatMap((seed) => splitAnnexB(seed)).filter((u) => u.length > 2 && u.length < 1500);
  const typeOf = (unit: Uint8Array) => hevc ? ((unit[0] as number) >> 1) & 0x3f : (unit[0] as number) & 0x1f;
  const of = (...types: number[]) => units.filter((u) => types.includes(typeOf(u))).slice(0, 20);
  const slices = hevc ? of(19, 20, 21, 0, 1) : of(5, 1, 2);
  const piece = (bytes: Uint8Array, flags: number) => ({ flags, bytes });
  return of(hevc ? 33 : 7).flatMap((sps) =>
    of(hevc ? 34 : 8).map((pps) =>
      printPieces([
        ...(hevc ? of(32).slice(0, 1) : []).map((vps) => piece(vps, 0)),
        piece(sps, 0),
        piece(pps, 0),
        ...slices.map((slice) => piece(slice, 1 | (8 << 2))),
      ])
    )
  );
}

function assemble(assembler: VideoAssembler, bytes: Uint8Array): string {
  let pts = 0;
  let frames = 0;
  let dts = -Infinity;
  let units: Uint8Array[] = [];
  for (const { flags, bytes: unit } of readPieces(bytes)) {
    units.push(unit);
    if ((flags & 1) === 0) continue;
    pts += 3000 + ((flags >> 2) - 8) * 500;
    const frame = assembler.unit(units, pts);
    units = [];
    if (frame !== undefined) {
      if (assembler.description === undefined) throw new Error("frame without a description");
      if (!Number.isSafeInteger(frame.dts)) throw new Error(`dts ${frame.dts}`);
      if (frame.dts <= dts && pts > -900_000) throw new Error("dts does not grow");
      dts = frame.dts;
      frames++;
    }
    if ((flags & 2) !== 0) assembler.reset();
  }
  return `${assembler.description?.codecString} ${Math.min(frames, 3)}`;
}

/** Every target: those found in the sources, and those by hand. */
export async function allTargets(): Promise<FuzzTarget[]> {
  return [...await discoverTargets(), ...BY_HAND, ...depacketizers(), ...await assemblers()];
}
