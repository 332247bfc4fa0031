import { expect, test } from "bun:test";
import { F_ORIGIN } from "../../../src/buffer/layout.ts";
import { StreamView } from "../../../src/buffer/stream_view.ts";
import { StreamWriter } from "../../../src/buffer/stream_writer.ts";
import { StreamPages } from "../../../src/control/stream/stream_pages.ts";
import { ALAW, AUDIO } from "../../egress/http/test_door.ts";
import { ManualClock } from "../../manual_clock.ts";

const DAY = 86_400_000;

const first = (wall: number) => new StreamView(new StreamPages().begin(wall)).oldestSegment;

test("segment numbers grow with the time since 2020, as fast as the shortest segments could", () => {
  const at = Date.UTC(2026, 5, 1, 12);
  expect(first(Date.UTC(2020, 0, 1, 0, 0, 10))).toBe(20);
  expect(first(at + 60_000) - first(at)).toBe(120);
  expect(first(Date.UTC(2087, 0))).toBeLessThan(2 ** 32);
});

test("segment numbers begin above 0 on a machine whose clock was never set", () => {
  expect([first(0), first(Date.UTC(2020, 0))]).toEqual([1, 1]);
});

test("times count from midnight, also in a stream that is set up anew later that day", () => {
  const origin = (wall: number) => new Float64Array(new StreamPages().begin(wall))[F_ORIGIN];
  const midnight = Date.UTC(2026, 5, 1);
  expect([origin(midnight), origin(midnight + DAY - 1), origin(midnight + DAY)]).toEqual([
    midnight,
    midnight,
    midnight + DAY,
  ]);
});

test("the page is made once, until it is given up or another server's is taken over", () => {
  const pages = new StreamPages();
  const page = pages.begin(1e12);
  const track = pages.add(3, "audio", 100_000);
  expect([pages.begin(2e12) === page, pages.page === page, pages.isEmpty]).toEqual([true, true, false]);
  const next = new StreamPages();
  next.adopt({ page, tracks: pages.numbered });
  expect([next.begin(2e12) === page, next.tracks[0] === track, next.numbered[0]?.[0]]).toEqual([
    true,
    true,
    3,
  ]);
  pages.giveUp();
  expect([pages.page, pages.tracks, pages.isEmpty]).toEqual([undefined, [], true]);
  expect(pages.begin(2e12)).not.toBe(page);
});

test("tracks are described in the order of their numbers, once something is known of them", async () => {
  const pages = new StreamPages(), clock = new ManualClock();
  const writer = new StreamWriter({
    page: pages.begin(1e12),
    tracks: [],
    allocate: (id, kind) => Promise.resolve(pages.add(id, kind, 100_000)),
    settings: { segmentMillis: 2000, partMillis: 200, windowMillis: 30_000, maxBytesPerTrack: 100_000 },
    now: () => clock.mono(),
    wall: () => clock.wall(),
  });
  const session = writer.begin();
  await session.addTrack({ ...ALAW, id: 7 });
  await session.addTrack({ ...AUDIO, id: 2 });
  pages.add(1, "video", 100_000);
  expect(pages.describe().map(({ codec }) => codec)).toEqual(["mp4a.40.2", "alaw"]);
});
