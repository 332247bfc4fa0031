import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { printSdp } from "../../../../src/wire/protocol/sdp/print.ts";
import {
  parseSdp,
  SDP_FORMATS_MAX,
  SDP_LINE_MAX,
  SDP_MEDIAS_MAX,
  SDP_SIZE_MAX,
} from "../../../../src/wire/protocol/sdp/sdp.ts";
import type { MediaDescription } from "../../../../src/wire/protocol/sdp/description.ts";
import { SDP_CASES } from "./sdp_cases.ts";

function short(media: MediaDescription): string {
  const formats = media.formats.map((f) => `${f.payloadType}:${f.encoding}/${f.clockRate}/${f.channels}`);
  return [media.type, media.direction, media.control, ...formats].join(" ");
}

describe("parseSdp()", () => {
  for (const c of SDP_CASES) {
    test(`reads ${c.name}`, () => {
      const sdp = parseSdp(c.sdp);
      expect(sdp.medias.map(short)).toEqual([...c.medias]);
      for (const [place, value] of Object.entries(c.fmtp ?? {})) {
        const [media, payloadType, ...key] = place.split(".");
        const format = sdp.medias[Number(media)]?.formats.find((f) => f.payloadType === Number(payloadType));
        expect(format?.fmtp.get(key.join("."))).toBe(value);
      }
      if (c.control !== undefined) expect(sdp.control).toBe(c.control);
      if (c.frameRates !== undefined) expect(sdp.medias.map((m) => m.frameRate)).toEqual([...c.frameRates]);
      if (c.dimensions !== undefined) {
        const sizes = sdp.medias.map((m) => m.dimensions).filter((d) => d !== undefined);
        expect(sizes.map((d) => `${d.width}x${d.height}`)).toEqual([...c.dimensions]);
      }
      if (c.addresses !== undefined) {
        expect(sdp.medias.map((m) => m.connection?.address)).toEqual([...c.addresses]);
      }
    });

    test(`reads the same with LF, with CR, and with blank lines: ${c.name}`, () => {
      const want = parseSdp(c.sdp).medias.map(short);
      for (const end of ["\n", "\r", "\r\n\r\n", "\r\r\n"]) {
        expect(parseSdp(c.sdp.replaceAll("\r\n", end)).medias.map(short)).toEqual(want);
      }
    });
  }

  test("takes a source filter, time to live and bandwidth", () => {
    const [media] = parseSdp(
      "c=IN IP4 239.1.2.3/15\na=source-filter: incl IN IP4 * 10.0.0.1 10.0.0.2\nm=video 5004/2 RTP/AVP 96\nb=TIAS:7000\n",
    ).medias;
    expect(media?.sources).toEqual(["10.0.0.1", "10.0.0.2"]);
    expect(media?.connection).toEqual({ family: 4, address: "239.1.2.3", ttl: 15 });
    expect([media?.port, media?.bandwidth]).toEqual([5004, 7000]);
  });

  test("answers no medias for what is no description", () => {
    for (const text of ["", "\0\0", "<html>404</html>", "m", "=", "a=\nb=\nc=\n"]) {
      expect(parseSdp(text).medias).toEqual([]);
    }
  });

  test("keeps its limits", () => {
    const many = "m=video 0 RTP/AVP 96\n".repeat(SDP_MEDIAS_MAX + 1);
    expect(parseSdp(many).medias.length).toBe(SDP_MEDIAS_MAX);
    const types = Array.from({ length: 128 }, (_, i) => i).join(" ");
    expect(parseSdp(`m=video 0 RTP/AVP ${types}`).medias[0]?.formats.length).toBe(SDP_FORMATS_MAX);
    const long = `m=video 0 RTP/AVP 96\na=control:${"x".repeat(SDP_LINE_MAX)}\na=framerate:5\n`;
    expect(parseSdp(long).medias[0]).toMatchObject({ control: "", frameRate: 5 });
    expect(parseSdp(`${"\n".repeat(SDP_SIZE_MAX)}m=video 0 RTP/AVP 96`).medias).toEqual([]);
  });

  test("survives every cut and every changed byte of a description", () => {
    const text = SDP_CASES[0]?.sdp ?? "";
    for (let i = 0; i < text.length; i++) {
      parseSdp(text.slice(0, i));
      parseSdp(text.slice(0, i) + "\u00ff" + text.slice(i + 1));
      parseSdp(text.slice(0, i) + "0" + text.slice(i + 1));
    }
  });
});

describe("printSdp()", () => {
  const fmtp = new Map([["packetization-mode", "1"], ["sprop-parameter-sets", "Z0IA,aM48"]]);
  const written = printSdp({
    name: "demo\r\nm=audio 0 RTP/AVP 0",
    id: 7,
    origin: "127.0.0.1",
    address: "0.0.0.0",
    control: "*",
    medias: [
      {
        type: "video",
        port: 0,
        formats: [{ payloadType: 96, encoding: "H264", clockRate: 90000, channels: 1, fmtp }],
        control: "trackID=0",
        frameRate: 25,
        bandwidth: 1_000_001,
      },
      {
        type: "audio",
        port: 0,
        formats: [{
          payloadType: 97,
          encoding: "MPEG4-GENERIC",
          clockRate: 48000,
          channels: 2,
          fmtp: new Map(),
        }],
        control: "trackID=1",
        direction: "recvonly",
      },
    ],
  });

  test("writes what parseSdp() reads, and no forged line", () => {
    const sdp = parseSdp(written);
    expect(sdp.medias.map(short)).toEqual([
      "video sendrecv trackID=0 96:H264/90000/1",
      "audio recvonly trackID=1 97:MPEG4-GENERIC/48000/2",
    ]);
    expect(sdp.medias[0]?.formats[0]?.fmtp).toEqual(fmtp);
    expect(sdp.medias[0]).toMatchObject({ frameRate: 25, bandwidth: 1_001_000 });
    expect(sdp.control).toBe("*");
  });

  test("writes the lines in the order of RFC 8866, 5", () => {
    expect(written.split("\r\n").slice(0, 7).map((l) => l.slice(0, 2)).join("")).toBe("v=o=s=c=t=a=m=");
  });
});

// descriptions as captured, kept beside the repository where that is present
const CAPTURED = `${import.meta.dir}/../../../../../shared/recipes/camera-sdps`;

describe.skipIf(!existsSync(CAPTURED))("parseSdp() on captured descriptions", () => {
  for (const file of existsSync(CAPTURED) ? readdirSync(CAPTURED).filter((f) => f.endsWith(".sdp")) : []) {
    test(`reads ${file}`, () => {
      const text = readFileSync(`${CAPTURED}/${file}`, "latin1");
      const sections = text.split(/\r?\n/).filter((l) => l.startsWith("m=")).length;
      const { medias } = parseSdp(text);
      expect(medias.length).toBe(sections);
      for (const media of medias) {
        expect(media.formats.length).toBeGreaterThan(0);
        for (const format of media.formats) expect(format.clockRate).toBeGreaterThan(0);
      }
    });
  }
});
