import { expect, test } from "bun:test";
import { H264Depacketizer } from "../../../../../src/wire/protocol/rtp/depacketize/h264.ts";
import { Collect, feed, run } from "./collect.ts";
import { cases, IDR, P1 } from "./h264_cases.ts";

for (const c of cases) {
  test(`H264Depacketizer reads ${c.name}`, () => {
    const sink = new Collect();
    const depacketizer = new H264Depacketizer(sink);
    feed(depacketizer, c.packets);
    const expected = c.units.map(([timestamp, ...units]) => ({ timestamp, units }));
    const got = () => sink.out.map((o) => ({ timestamp: o.timestamp, units: o.units.map((u) => [...u]) }));
    expect(got()).toEqual(expected);
    expect(sink.damages).toEqual([...c.damages ?? []]);
    expect(sink.skips).toEqual([...c.skips ?? []]);
    depacketizer.flush();
    const last = c.last === undefined ? [] : [{ timestamp: c.last[0], units: c.last.slice(1) as number[][] }];
    expect(got().slice(expected.length)).toEqual(last);
  });
}

test("H264Depacketizer drops an access unit one byte above its limit and takes one at the limit", () => {
  for (const [extra, count] of [[0, 2], [1, 1]] as const) {
    const sink = new Collect();
    const depacketizer = new H264Depacketizer(sink, 100);
    feed(depacketizer, [
      { p: [0x7c, 0x85, 0x88, ...run(0, 49)] },
      { p: [0x7c, 0x45, ...run(0, 49 + extra)], m: true },
      { p: P1, t: 1, m: true },
    ]);
    expect(sink.out.length).toBe(count);
    expect(sink.damages.length).toBe(extra);
  }
});

test("H264Depacketizer drops an access unit of more units than the limit", () => {
  const sink = new Collect();
  const depacketizer = new H264Depacketizer(sink);
  feed(depacketizer, Array.from({ length: 4097 }, () => ({ p: [0x41, 0x22, 1] })));
  feed(depacketizer, [{ p: IDR, t: 5, m: true }]);
  expect(sink.damages).toEqual(["too many units in an access unit"]);
  expect(sink.out.map((o) => o.timestamp)).toEqual([5]);
});

test("H264Depacketizer forgets on reset", () => {
  const sink = new Collect();
  const depacketizer = new H264Depacketizer(sink);
  feed(depacketizer, [{ p: [0x7c, 0x85, 1] }]);
  depacketizer.reset();
  feed(depacketizer, [{ p: P1, t: 4, m: true }]);
  expect(sink.plain).toEqual([[P1]]);
});
