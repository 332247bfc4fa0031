import { expect, test } from "bun:test";
import { findBoxes } from "../../../../src/wire/container/mp4/boxes.ts";
import { settle } from "../test_app.ts";
import { testApps } from "../test_apps.ts";
import { ALAW, AUDIO, frameBytes, VIDEO } from "../test_door.ts";

const { live } = testApps();

/** Addresses of the fragments of a stream's first quality. */
function fragments(manifest: string, name: string): string[] {
  const stream = new RegExp(`Name="${name}"[^]*?</StreamIndex>`).exec(manifest)?.[0] ?? "";
  const rate = /Bitrate="(\d+)"/.exec(stream)?.[1];
  return [...stream.matchAll(/<c t="(\d+)"/g)].map(([, t]) =>
    `QualityLevels(${rate})/Fragments(${name}=${t})`
  );
}

test("fragments are complete segments as one movie fragment, and tell of the next", async () => {
  const { t, camera } = await live(9);
  const manifest = await t.text("/cmaf/cam/Manifest");
  const video = fragments(manifest, "video"), audio = fragments(manifest, "audio");
  expect([video.length, audio.length]).toEqual([3, 3]);
  for (const [addresses, track, scale] of [[video, VIDEO, 90_000], [audio, AUDIO, 48_000]] as const) {
    let count = 0;
    for (const address of addresses) {
      const bytes = await t.bytes(`/cmaf/cam/${address}`);
      const [traf] = findBoxes(bytes, ["moof", "traf"]);
      expect(findBoxes(bytes, ["moof"]).length).toBe(1);
      const [tfxd, tfrf] = findBoxes(traf?.payload as Uint8Array, ["uuid"]).map((b) =>
        new DataView(b.payload.buffer, b.payload.byteOffset)
      );
      const start = Number(tfxd?.getBigUint64(20)), length = Number(tfxd?.getBigUint64(28));
      expect(address).toContain(`=${start})`);
      expect(tfrf?.getUint8(20)).toBe(1);
      expect(Number(tfrf?.getBigUint64(21))).toBe(start + length);
      expect(length / scale).toBeCloseTo(2, 1);
      // every frame once, in order
      const data = findBoxes(bytes, ["mdat"])[0]?.payload as Uint8Array;
      for (let at = 0; at < data.length;) {
        const frame = frameBytes(track, count, track.kind !== "video" || count % 50 === 0);
        expect(data.subarray(at, at + frame.length)).toEqual(frame);
        at += frame.length;
        count++;
      }
    }
    expect(count).toBeGreaterThan(140);
  }
  // The newest complete one is there as soon as the next is.
  const late = t.another();
  const newest = `/cmaf/cam/${video[2]?.replace(/=\d+/, `=${7 * 90_000}`)}`;
  const held = Promise.all([t.bytes(newest), t.bytes(newest, late)]);
  await settle();
  camera.writeUntil(11.1);
  const [one, other] = await held;
  expect(one).toEqual(other);
  late.close();
});

test("an address means the same track for ever, and refuses what is none", async () => {
  const { t } = await live(9, [VIDEO, AUDIO, { ...ALAW, id: 2 }]);
  const manifest = await t.text("/cmaf/cam/manifest?video=none");
  expect(manifest.match(/<StreamIndex/g)?.length).toBe(1);
  const [address = ""] = fragments(manifest, "audio");
  expect(await t.bytes(`/cmaf/cam/${address.replace(/\(\d+/, "(77001")}`)).toEqual(
    await t.bytes(`/cmaf/cam/${address}`),
  );
  for (
    const path of [
      "QualityLevels(1002)/Fragments(audio=1)",
      "QualityLevels(1)/Fragments(audio=1)",
      "QualityLevels(x)/Fragments(audio=1)",
    ]
  ) {
    expect([path, (await t.get(`/cmaf/cam/${path}`)).status]).toEqual([path, 404]);
  }
  expect((await t.get("/cmaf/cam/Manifest?listlimit=x")).status).toBe(400);
  const alone = await live(7, [ALAW]);
  expect((await alone.t.get("/cmaf/cam/Manifest")).status).toBe(406);
});
