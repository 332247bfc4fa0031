import { describe, expect, test } from "bun:test";
import { LiveBudget } from "../../src/web/page/live_budget.ts";
import { readTime } from "../../src/web/page/read_time.ts";
import { FOR_FRAMES, FOR_PARTS, type Keepable, LatencyKeeper } from "../../src/web/player/latency_keeper.ts";
import {
  NO_PICTURE,
  ProgressWatch,
  SILENT,
  STANDS,
  STANDS_FED,
} from "../../src/web/player/progress_watch.ts";

describe("LatencyKeeper", () => {
  const videoAt = (currentTime: number, end: number, paused = false): Keepable => ({
    currentTime,
    playbackRate: 1,
    paused,
    buffered: { length: 1, start: () => 0, end: () => end },
  });
  const keep = (ahead: number, settings = FOR_PARTS) => {
    const video = videoAt(10, 10 + ahead);
    new LatencyKeeper(video, settings, () => 0).tick();
    return video;
  };

  test("leaves alone what is needed, plays faster with more, at most 1.15 ×", () => {
    expect(keep(0.45).playbackRate).toBe(1);
    expect(keep(0.53).playbackRate).toBe(1.1);
    expect(keep(2).playbackRate).toBe(1.15);
    expect(keep(0.2, FOR_FRAMES).playbackRate).toBe(1.05);
  });
  test("plays slower while there is less than the page wants, not for what stalls have taught", () => {
    const video = videoAt(10, 10.3);
    const keeper = new LatencyKeeper(video, FOR_FRAMES, () => 0);
    keeper.target = 1;
    keeper.tick();
    expect(video.playbackRate).toBe(0.85);
    video.currentTime = 9.32;
    keeper.tick();
    expect(video.playbackRate).toBe(1);
    expect(keep(0.01).playbackRate).toBe(1);
  });
  test("jumps over seconds", () => expect(keep(5).currentTime).toBeCloseTo(14.65));
  test("keeps more after each stall but those of the start, at most 3 s, and less again after calm", () => {
    let now = 0;
    const keeper = new LatencyKeeper(videoAt(10, 10.1), FOR_FRAMES, () => now);
    const first = keeper.needed;
    keeper.tick();
    keeper.stalled();
    expect(keeper.needed).toBe(first);
    now = 2500;
    keeper.stalled();
    expect(keeper.needed).toBeCloseTo(first + 0.03);
    for (let i = 0; i < 12; i++) keeper.stalled();
    expect(keeper.needed).toBeCloseTo(3.04);
    now += 8001;
    keeper.tick();
    expect(keeper.needed).toBeCloseTo(2.44);
  });
  test("does nothing while the viewer pauses or looks at the past, and keeps what the page wants", () => {
    const paused = videoAt(10, 20, true);
    new LatencyKeeper(paused, FOR_PARTS).tick();
    expect(paused.currentTime).toBe(10);
    const video = videoAt(10, 20);
    const keeper = new LatencyKeeper(video, FOR_PARTS);
    keeper.live = false;
    keeper.tick();
    expect(video.currentTime).toBe(10);
    keeper.target = 4;
    keeper.live = true;
    keeper.tick();
    expect(video.currentTime).toBe(16);
  });
});

describe("ProgressWatch", () => {
  test("playing well, then standing still", () => {
    const watch = new ProgressWatch(0);
    watch.alive(10);
    let now = 100;
    for (let time = 100; now < 3000; now += 200, time += 0.2) expect(watch.look(time, now)).toBe("well");
    expect(watch.started).toBe(true);
    const last = now;
    expect(watch.look(114.3, now)).toBe("well");
    expect(watch.look(114.3, last + STANDS)).toBe("well");
    expect(watch.look(114.3, last + STANDS + 1)).toBe("stands");
    watch.alive(last + STANDS + 1);
    expect(watch.look(114.3, last + STANDS + 2)).toBe("well");
    watch.alive(last + STANDS_FED);
    expect(watch.look(114.3, last + STANDS_FED + 1)).toBe("stands");
    watch.pardon(last + 5000);
    expect(watch.look(114.3, last + 5001)).toBe("well");
  });
  test("nothing comes", () => {
    const watch = new ProgressWatch(0);
    expect(watch.look(0, SILENT)).toBe("well");
    expect(watch.look(0, SILENT + 1)).toBe("silent");
  });
  test("media comes, but the clock only jumped to where it begins", () => {
    const watch = new ProgressWatch(0);
    watch.alive(10);
    expect(watch.look(0, 5000)).toBe("well");
    expect(watch.look(700, 6000)).toBe("well");
    expect(watch.look(700, NO_PICTURE + 1)).toBe("no picture");
    expect(watch.started).toBe(false);
  });
});

describe("LiveBudget", () => {
  class Player {
    playing = false;
    play() {
      this.playing = true;
    }
    stop() {
      this.playing = false;
    }
  }
  const start = (budget: LiveBudget<Player>, player: Player) => {
    player.play();
    budget.started(player);
  };

  test("the one started longest ago gives way", () => {
    const budget = new LiveBudget<Player>(2);
    const [a, b, c] = [new Player(), new Player(), new Player()] as const;
    for (const p of [a, b, c]) start(budget, p);
    expect([a, b, c].map((p) => p.playing)).toEqual([false, true, true]);
  });
  test("what leaves the view stops, and starts again when it comes back; what was stopped does not", () => {
    const budget = new LiveBudget<Player>(2);
    const [a, b] = [new Player(), new Player()] as const;
    start(budget, a);
    budget.seen(a, false);
    budget.seen(b, false);
    expect(a.playing).toBe(false);
    budget.seen(a, true);
    budget.seen(b, true);
    expect([a, b].map((p) => p.playing)).toEqual([true, false]);
    budget.seen(a, false);
    budget.ended(a);
    budget.seen(a, true);
    expect(a.playing).toBe(false);
  });
});

for (
  const [text, seconds] of [
    ["90", 90],
    ["1h2m3s", 3723],
    ["2m", 120],
    ["1:30", 90],
    ["1:02:03.5", 3723.5],
    ["", undefined],
    ["soon", undefined],
  ] as const
) {
  test(`readTime() of ${JSON.stringify(text)}`, () => expect(readTime(text)).toBe(seconds));
}
