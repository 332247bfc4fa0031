import { expect, test } from "bun:test";
import { countStreams } from "../../src/app/count_streams.ts";

test("countStreams() counts as one speaks", () => {
  expect([0, 1, 2, 16].map(countStreams)).toEqual(["0 streams", "1 stream", "2 streams", "16 streams"]);
});
