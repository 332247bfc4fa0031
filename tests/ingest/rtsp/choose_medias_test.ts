import { describe, expect, test } from "bun:test";
import { chooseMedias } from "../../../src/ingest/rtsp/choose_medias.ts";
import { transportsToTry } from "../../../src/ingest/rtsp/source.ts";
import { parseRtspUrl, type RtspUrl } from "../../../src/wire/protocol/rtsp/url.ts";
import { parseSdp } from "../../../src/wire/protocol/sdp/sdp.ts";

const READABLE = new Set(["H264", "PCMA", "PCMU", "MPEG4-GENERIC", "VND.ONVIF.METADATA", "MP2T"]);

function choose(sdp: string, wanted: "all" | "video" | "audio" | "video+audio" = "all") {
  const { chosen, offered } = chooseMedias(parseSdp(sdp), wanted, (f) => READABLE.has(f.encoding));
  return { chosen: chosen.map((c) => `${c.index} ${c.formats.map((f) => f.encoding).join(",")}`), offered };
}

const VIDEO = "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n";
const AUDIO = "m=audio 0 RTP/AVP 8\n";
const META = "m=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000\n";

describe("chooseMedias()", () => {
  test("leaves a back channel out (Reolink doorbell)", () => {
    expect(choose(`${VIDEO}a=recvonly\n${AUDIO}a=recvonly\n${AUDIO}a=sendonly\n`).chosen).toEqual([
      "0 H264",
      "1 PCMA",
    ]);
    expect(choose(`${VIDEO}${AUDIO}a=sendonly\n`).chosen).toEqual(["0 H264"]);
  });
  test("takes medias that are all sendonly (IDS uEye, Fritz!Box)", () => {
    expect(choose(`${VIDEO}a=sendonly\n`).chosen).toEqual(["0 H264"]);
    expect(choose(`a=sendonly\n${VIDEO}${AUDIO}`).chosen).toEqual(["0 H264", "1 PCMA"]);
    expect(choose(`${AUDIO}a=sendonly\n`).chosen).toEqual(["0 PCMA"]);
  });
  test("takes metadata marked sendonly beside video (ONVIF device)", () => {
    expect(choose(`${VIDEO}a=recvonly\n${META}a=sendonly\n`).chosen).toEqual([
      "0 H264",
      "1 VND.ONVIF.METADATA",
    ]);
  });
  test("takes the readable formats of several (FLIR)", () => {
    const flir = "m=video 0 RTP/AVP 96 111 99\na=rtpmap:96 MP4V-ES/90000\na=rtpmap:111 H264/90000\n";
    expect(choose(flir)).toEqual({
      chosen: ["0 H264"],
      offered: ["MP4V-ES", "H264", "payload type 99 without a name"],
    });
  });
  test("leaves out what is inactive or encrypted, and says so", () => {
    expect(choose(`${VIDEO}a=inactive\n${AUDIO}`).chosen).toEqual(["1 PCMA"]);
    expect(choose("m=video 0 RTP/SAVP 96\na=rtpmap:96 H264/90000\n")).toEqual({
      chosen: [],
      offered: ["H264 over SRTP"],
    });
  });
  test("takes only what is wanted", () => {
    const all = VIDEO + AUDIO + META;
    expect(choose(all, "video").chosen).toEqual(["0 H264"]);
    expect(choose(all, "audio").chosen).toEqual(["1 PCMA"]);
    expect(choose(all, "video+audio").chosen).toEqual(["0 H264", "1 PCMA"]);
  });
});

describe("transportsToTry()", () => {
  const url = parseRtspUrl("rtsp://cam/") as RtspUrl;
  const secure = parseRtspUrl("rtsps://cam/") as RtspUrl;
  test("tries UDP first, then TCP", () => {
    expect(transportsToTry("auto", url, undefined)).toEqual(["udp", "tcp", "multicast"]);
  });
  test("begins with what worked", () => {
    expect(transportsToTry("auto", url, "tcp")[0]).toBe("tcp");
    expect(transportsToTry("auto", url, "multicast")[0]).toBe("multicast");
  });
  test("keeps media inside TLS, unless told otherwise", () => {
    expect(transportsToTry("auto", secure, "udp")).toEqual(["tcp"]);
    expect(transportsToTry("udp", secure, undefined)).toEqual(["udp"]);
  });
  test("does what it is told", () => {
    for (const wish of ["tcp", "udp", "multicast"] as const) {
      expect(transportsToTry(wish, url, "tcp")).toEqual([wish]);
    }
  });
});
