import { describe, expect, test } from "bun:test";
import { Scope } from "../../src/base/scope.ts";
import { Tally } from "../../src/base/tally.ts";
import { type MonoMillis, monoMillis, ticks, wallMillis } from "../../src/base/units.ts";
import type { FrameSink } from "../../src/ingest/frame_sink.ts";
import { runSource, type SourceState } from "../../src/ingest/run_source.ts";
import { type IngestServices, NothingComes, Refused, type Source } from "../../src/ingest/source.ts";
import { RTSP_DESCRIPTOR } from "../../src/ingest/rtsp/descriptor.ts";
import { ArraySink } from "./array_sink.ts";

/** A clock that moves to the next timer whenever everything else is done. */
class JumpingClock {
  now = 0;
  readonly waits: number[] = [];
  #timers: { at: number; run: () => void }[] = [];

  mono(): MonoMillis {
    return monoMillis(this.now);
  }
  wall() {
    return wallMillis(this.now);
  }
  after(ms: number, run: () => void): () => void {
    const timer = { at: this.now + ms, run };
    this.waits.push(ms);
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((t) => t !== timer));
  }
  jump(): void {
    const next = this.#timers.sort((a, b) => a.at - b.at).shift();
    if (next === undefined) return;
    this.now = Math.max(this.now, next.at);
    next.run();
  }
}

type Attempt = (
  scope: Scope,
  sink: FrameSink,
  clock: JumpingClock,
  services: IngestServices,
) => Promise<void> | void;

async function run(attempts: Attempt[]) {
  const clock = new JumpingClock();
  const lines: string[] = [];
  const states: SourceState[] = [];
  const say = (level: string) => (m: string) => void lines.push(`${level}: ${m}`);
  const services: IngestServices = {
    clock,
    log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error"), debugging: true },
    random: () => 0.5,
    tally: new Tally(() => {}),
    remember: new Map(),
  };
  const scope = new Scope();
  let count = 0;
  let sinks = 0;
  const attemptScopes: Scope[] = [];
  const source: Source = {
    descriptor: RTSP_DESCRIPTOR,
    async run(attemptScope, _options, sink, given) {
      attemptScopes.push(attemptScope);
      const attempt = attempts[count++];
      if (attempt === undefined) return await scope.close();
      await attempt(attemptScope, sink, clock, given);
    },
  };
  const begin = () => {
    sinks++;
    return new ArraySink();
  };
  let done = false;
  const running = runSource(scope, source, { url: "", values: {} }, begin, services, (s) => states.push(s))
    .finally(() => done = true);
  while (!done) {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    clock.jump();
  }
  await running;
  return { clock, lines, states, sinks, attemptScopes };
}

const fail = (text: string): Attempt => () => {
  throw new Error(text);
};

async function frame(sink: FrameSink): Promise<void> {
  const track = await sink.addTrack({
    id: 0,
    kind: "data",
    codec: "onvif",
    timescale: 90000,
    config: new Uint8Array(),
    codecString: "",
    language: "und",
  });
  track.write(
    { dts: ticks(0), ptsOffset: 0, duration: 1, key: true, discontinuity: false },
    new Uint8Array(1),
  );
}

describe("runSource()", () => {
  test("waits longer after each failure, up to 15 s, with jitter", async () => {
    const { clock } = await run(Array.from({ length: 8 }, () => fail("no")));
    // three quarters of the step: the middle of the jitter
    expect(clock.waits).toEqual([375, 750, 1500, 3000, 6000, 11250, 11250, 11250]);
  });

  test("begins anew with short waits after an attempt that held", async () => {
    const held: Attempt = async (_scope, sink, clock) => {
      await frame(sink);
      clock.now += 20_000;
      throw new Error("lost");
    };
    const { clock } = await run([fail("no"), fail("no"), fail("no"), held, fail("no")]);
    expect(clock.waits).toEqual([375, 750, 1500, 375, 750]);
  });

  test("does not take a short attempt for a success", async () => {
    const short: Attempt = async (_scope, sink) => {
      await frame(sink);
      throw new Error("lost");
    };
    expect((await run([short, short, short])).clock.waits).toEqual([375, 750, 1500]);
  });

  test("says a refusal once and tries again every 30 s", async () => {
    const refuse: Attempt = () => {
      throw new Refused("camera refuses the user name or password (401)");
    };
    const { clock, lines, states } = await run([refuse, refuse, refuse]);
    expect(clock.waits).toEqual([30_000, 30_000, 30_000]);
    expect(lines.filter((l) => l.startsWith("error"))).toEqual([
      "error: camera refuses the user name or password (401); next try every 30 s",
    ]);
    expect(states[1]).toEqual({
      kind: "waiting",
      why: "camera refuses the user name or password (401)",
      refused: true,
      retryMillis: 30_000,
    });
  });

  test("listens on at once, the reason standing, for what somebody else does not send", async () => {
    const silent: Attempt = () => {
      throw new NothingComes("nothing comes for 5 s");
    };
    const { clock, lines, states } = await run([silent, silent, async (_s, sink, _clock, services) => {
      services.arrived?.();
      await frame(sink);
      throw new Error("lost");
    }]);
    expect(clock.waits).toEqual([100, 100, 375]);
    const [waiting, connecting] = ["waiting", "connecting"] as const;
    expect(states.map((s) => s.kind)).toEqual(
      [connecting, waiting, waiting, connecting, "running", waiting, connecting],
    );
    expect(lines.filter((l) => l.includes("nothing"))).toEqual([
      "warn: nothing comes for 5 s; listens on",
      "debug: nothing comes for 5 s; listens on",
    ]);
  });

  test("says the same failure once, another one again, and the first again after frames", async () => {
    const { lines } = await run([fail("a"), fail("a"), fail("b"), async (_s, sink) => {
      await frame(sink);
      throw new Error("b");
    }]);
    expect(lines.filter((l) => l.startsWith("warn")).map((l) => l.split(";")[0])).toEqual([
      "warn: a",
      "warn: b",
      "warn: b",
    ]);
  });

  test("reports connecting, running at the first frame, waiting", async () => {
    const { states, sinks } = await run([async (_s, sink) => {
      await frame(sink);
      await frame(sink);
    }]);
    expect(states.map((s) => s.kind)).toEqual(["connecting", "running", "waiting", "connecting"]);
    expect(states[2]).toMatchObject({ why: "the stream has ended" });
    expect(sinks).toBe(2);
  });

  test("closes what an attempt opened before the next", async () => {
    const closed: number[] = [];
    const attempt = (n: number): Attempt => (scope) => {
      scope.defer(() => void closed.push(n));
      throw new Error("no");
    };
    const { attemptScopes } = await run([attempt(1), attempt(2)]);
    expect(closed).toEqual([1, 2]);
    expect(attemptScopes.every((s) => s.closed)).toBe(true);
  });
});
