import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import { findBoxes } from "../../../../src/wire/container/mp4/boxes.ts";
import { settle } from "../test_app.ts";
import { testApps } from "../test_apps.ts";
import { AUDIO, VIDEO } from "../test_door.ts";

const { live } = testApps();

/** The attributes of each element of that name, in order. */
function read(xml: string, name: string): Record<string, string>[] {
  return [...xml.matchAll(new RegExp(`<${name}( [^>]*?)?/?>`, "g"))].map(([, list = ""]) =>
    Object.fromEntries([...list.matchAll(/ ([\w:]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]))
  );
}

const location = (xml: string) => /<Location>(.*)<\/Location>/.exec(xml)?.[1]?.replaceAll("&amp;", "&") ?? "";
const u64 = (payload: Uint8Array, at: number) =>
  Number(new DataView(payload.buffer, payload.byteOffset).getBigUint64(at));

describe("the manifest", () => {
  test("lists segments by number, the open one and the next too, with the times that are in the media", async () => {
    const { t } = await live(9.3);
    const xml = await t.text("/cmaf/cam/index.mpd");
    const [video, audio] = read(xml, "SegmentTemplate");
    expect(video).toMatchObject({
      timescale: "90000",
      startNumber: "0",
      availabilityTimeComplete: "false",
      media: "$RepresentationID$/$Number$.m4s",
      presentationTimeOffset: "0",
    });
    expect(Number(video?.["availabilityTimeOffset"])).toBeCloseTo(2 - 0.22, 2);
    expect(read(xml, "S")[0]).toEqual({ t: "90000", d: "180000", r: "5" });
    expect(read(xml, "Period")).toEqual([{ id: expect.any(String), start: "PT0S" }]);
    // Stream time begins at 1 s, and its first frame was there after 40 ms.
    const [mpd] = read(xml, "MPD");
    const zero = Date.parse(mpd?.["availabilityStartTime"] as string);
    expect(zero).toBe(Date.UTC(2026, 0, 1) + 1_000_000 + 40 - 1000);
    for (const [track, template] of [["0", video], ["1", audio]] as const) {
      const init = await t.bytes(
        `/cmaf/cam/${template?.["initialization"]?.replace("$RepresentationID$", track)}`,
      );
      expect(findBoxes(init, ["moov", "trak"]).length).toBe(1);
    }
    const times = read(xml, "S").slice(1);
    let at = Number(times[0]?.["t"]);
    let msn = 0;
    for (const { d, r = "0" } of times) {
      for (let n = 0; n <= Number(r) && msn < 4; n++) {
        const bytes = await t.bytes(`/cmaf/cam/1/${msn++}.m4s`);
        expect(u64(findBoxes(bytes, ["moof", "traf", "tfdt"])[0]?.payload as Uint8Array, 4)).toBe(at);
        at += Number(d);
      }
    }
    expect(msn).toBe(4);
  });

  test("keeps a player's time line when its first segments leave, and another worker's is the same", async () => {
    const { t, camera } = await live(9);
    const first = await t.text("/cmaf/cam/index.mpd?audio=none");
    expect(location(first)).toContain("audio=none&since=");
    for (let at = 10; at <= 40; at++) {
      camera.writeUntil(at);
      await settle(1);
    }
    const again = `/cmaf/cam/${location(first)}`;
    const later = await t.text(again);
    const start = (xml: string) => read(xml, "MPD")[0]?.["availabilityStartTime"];
    expect(start(later)).toBe(start(first) as string);
    expect(read(later, "Period")).toEqual(read(first, "Period"));
    expect(read(later, "AdaptationSet").length).toBe(1);
    expect(read(later, "S")[0]).toMatchObject({
      t: String((1 + 2 * Number(read(later, "SegmentTemplate")[0]?.["startNumber"])) * 90_000),
    });
    expect(Number(read(later, "SegmentTemplate")[0]?.["startNumber"])).toBeGreaterThan(5);
    const other = t.another();
    expect(await (await t.get(again, {}, other)).text()).toBe(later);
    other.close();
  });

  test("begins a period with new parameters, and keeps it when the one before has left", async () => {
    const { t, camera } = await live(5, [VIDEO]);
    const sink = camera.sinks.get(0);
    sink?.update({ ...VIDEO, config: Uint8Array.from([...VIDEO.config, 0]), width: 640 });
    camera.writeUntil(13);
    await settle(5);
    const before = await t.text("/cmaf/cam/index.mpd");
    const periods = read(before, "Period");
    expect(periods.length).toBe(2);
    expect(read(before, "Representation").map((r) => r["width"])).toEqual(["320", "640"]);
    const inits = read(before, "SegmentTemplate").map((s) => s["initialization"]);
    expect(new Set(inits).size).toBe(2);
    for (let at = 14; at <= 40; at++) {
      camera.writeUntil(at);
      await settle(1);
    }
    const after = await t.text(`/cmaf/cam/${location(before)}`);
    expect(read(after, "Period")).toEqual(periods.slice(1));
    expect(read(after, "SegmentTemplate")[0]?.["presentationTimeOffset"]).toBe(
      read(before, "SegmentTemplate")[1]?.["presentationTimeOffset"] as string,
    );
    // one who begins now gets a time line that begins at 0
    expect(read(await t.text("/cmaf/cam/index.mpd"), "Period").map((p) => p["start"])).toEqual(["PT0S"]);
  });

  test("addresses by time where it is told to, and where a track has a hole", async () => {
    // a codec whose silence is not known
    const mp3 = { ...AUDIO, codec: "mp3", config: new Uint8Array(0), codecString: "mp4a.40.34" } as const;
    const { t, camera } = await live(5, [VIDEO, mp3]);
    camera.muted.add(AUDIO.id);
    camera.writeUntil(13);
    camera.muted.clear();
    camera.writeUntil(17);
    await settle(5);
    const [video, audio] = read(await t.text("/cmaf/cam/index.mpd"), "SegmentTemplate");
    expect([video?.["startNumber"], audio?.["startNumber"]]).toEqual(["0", undefined]);
    expect(audio?.["media"]).toBe("$RepresentationID$/t$Time$.m4s");
    const xml = await t.text("/cmaf/cam/index.mpd?bytime=1&nonchunked=1&listlimit=2");
    expect(xml).not.toContain("availabilityTimeOffset");
    const times = read(xml, "S");
    const bytes = await t.bytes(`/cmaf/cam/0/t${times[0]?.["t"]}.m4s`);
    expect(bytes).toEqual(await t.bytes("/cmaf/cam/0/6.m4s"));
    expect((await t.get("/cmaf/cam/0/t1.m4s")).status).toBe(404);
  });

  test("lists silence in place of sound that stopped, without a hole", async () => {
    const { t, camera } = await live(5);
    camera.muted.add(AUDIO.id);
    camera.writeUntil(13);
    camera.muted.clear();
    camera.writeUntil(17);
    await settle(5);
    const [, audio] = read(await t.text("/cmaf/cam/index.mpd?llhls=0"), "SegmentTemplate");
    expect([audio?.["startNumber"], audio?.["media"]]).toEqual(["0", "$RepresentationID$/$Number$.m4s"]);
    const xml = await t.text("/cmaf/cam/index.mpd?llhls=0&audio=1&video=none");
    let next: number | undefined;
    for (const { t: start, d, r = "0" } of read(xml, "S")) {
      if (start !== undefined && next !== undefined) {
        expect(Math.abs(Number(start) - next)).toBeLessThan(1024);
      }
      next = (start === undefined ? next ?? 0 : Number(start)) + Number(d) * (Number(r) + 1);
    }
    expect((next ?? 0) / 48_000).toBeGreaterThan(15);
  });

  test("keeps sound that is nothing but silence by now for those who began with it, and for no others", async () => {
    const { t, camera } = await live(5);
    const began = location(await t.text("/cmaf/cam/index.mpd"));
    camera.muted.add(AUDIO.id);
    for (let at = 6; at <= 70; at += 2) {
      camera.writeUntil(at);
      await settle(1);
    }
    const kinds = (xml: string) => read(xml, "AdaptationSet").map((s) => s["contentType"]);
    expect(kinds(await t.text("/cmaf/cam/index.mpd"))).toEqual(["video"]);
    const xml = await t.text(`/cmaf/cam/${began}`);
    expect(kinds(xml)).toEqual(["video", "audio"]);
    expect(Number(read(xml, "Representation")[1]?.["bandwidth"])).toBeGreaterThan(0);
  });

  test("takes segments to be even where it is told to", async () => {
    const { t } = await live(9.3);
    const xml = await t.text("/dash/cam/index.mpd?timeline=0");
    expect(read(xml, "S")).toEqual([]);
    expect(read(xml, "SegmentTemplate").map((s) => [s["duration"], s["startNumber"]])).toEqual([
      ["180000", "0"],
      ["96000", "0"],
    ]);
  });

  test("makes one set of video of several sizes, and one of sound for each language", async () => {
    const { t } = await live(7, [
      VIDEO,
      { ...VIDEO, id: 1, width: 640, height: 360, codecString: "avc1.64001F" },
      { ...AUDIO, id: 2 },
      { ...AUDIO, id: 3, language: "deu" },
    ]);
    const sets = (xml: string) =>
      read(xml, "AdaptationSet").map((s) => `${s["contentType"]} ${s["lang"] ?? ""}`.trim());
    const xml = await t.text("/cmaf/cam/index.mpd");
    expect(sets(xml)).toEqual(["video", "audio en", "audio de"]);
    expect(read(xml, "Representation").map((r) => r["id"])).toEqual(["0", "1", "2", "3"]);
    const some = await t.text("/cmaf/cam/index.mpd?audio=deu&video=maxres");
    expect(sets(some)).toEqual(["video", "audio de"]);
    expect(read(some, "Representation").map((r) => r["id"])).toEqual(["1", "3"]);
  });

  test("says the server's time beside it, and refuses what means nothing", async () => {
    const { t } = await live(5);
    expect(await t.text("/cmaf/cam/time")).toBe(new Date(t.clock.wall()).toISOString());
    for (const query of ["bytime=2", "nonchunked=x", "timeline=", "listlimit=-1", "since=now", "video=|"]) {
      expect([query, (await t.get(`/cmaf/cam/index.mpd?${query}`)).status]).toEqual([query, 400]);
    }
    expect((await t.get("/cmaf/none/index.mpd")).status).toBe(404);
    expect((await t.get("/cmaf/cam/index.mpd", { method: "HEAD" })).headers.get("content-type")).toBe(
      "application/dash+xml",
    );
  });
});

test("a segment begins with styp and the time at which its first frame was there, by our clock", async () => {
  const { t } = await live(7);
  const bytes = await t.bytes("/cmaf/cam/0/1.m4s");
  expect(new TextDecoder("latin1").decode(bytes.subarray(4, 8))).toBe("styp");
  const prft = findBoxes(bytes, ["prft"])[0]?.payload as Uint8Array;
  const view = new DataView(prft.buffer, prft.byteOffset);
  const seconds = view.getUint32(8) - 2_208_988_800 + view.getUint32(12) / 2 ** 32;
  // written when the stream was 2.04 s old, in the test's own reckoning
  expect(seconds * 1000).toBeCloseTo(Date.UTC(2026, 0, 1) + 1_000_000 + 2040, 0);
  expect(u64(prft, 16)).toBe(90_000 * 3);
  const parts = await Promise.all([0, 1, 2].map((n) => t.bytes(`/hls/cam/0/1.${n}.m4s`)));
  expect(bytes.subarray(0, joinBytes(parts).length)).toEqual(joinBytes(parts));
});
