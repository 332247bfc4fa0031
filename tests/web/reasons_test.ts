import { expect, test } from "bun:test";
import { whyNothing } from "../../src/web/player/reasons.ts";
import type { StreamInfo } from "../../src/web/player/stream_info.ts";

const INFO: StreamInfo = {
  meta: {
    tracks: {
      a: { codec: "H264", type: "video", idx: 0 },
      b: { codec: "H264", type: "video", idx: 1 },
      c: { codec: "AAC", type: "audio", idx: 2 },
    },
  },
};

test("whyNothing() names what the browser cannot play, each codec once", () => {
  expect(whyNothing(INFO, {}, [])).toBe("This browser plays none of H264 and AAC");
  expect(whyNothing(INFO, { forcePlayer: "mews" }, [])).toBe("This browser plays none of H264 and AAC");
  expect(whyNothing(undefined, {}, [])).toBe("The stream has nothing to play");
});

test("whyNothing() does not blame the browser for a player that the page asks for by a wrong name", () => {
  expect(whyNothing(INFO, { forcePlayer: "bogus" }, ["mews", "hlsjs", "hlsjs"]))
    .toBe("Cannot be played by bogus, but by mews, hlsjs");
  expect(whyNothing(INFO, { forcePlayer: "mews", forceType: "whep" }, ["mews"]))
    .toBe("Cannot be played by mews with whep, but by mews");
});
