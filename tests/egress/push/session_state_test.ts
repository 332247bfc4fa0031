import { expect, test } from "bun:test";
import { parseSessionState, printSessionState } from "../../../src/egress/push/sdp/session_state.ts";

const OUT = {
  codec: "h264",
  ssrc: 0xfedcba98,
  sequence: 65_535,
  timestampOffset: 7,
  track: 1,
  nextFrame: 90,
};
const STATE = { id: 1_700_000_000, version: 2, text: "v=0\r\n", outs: [OUT, { ...OUT, codec: "aac" }] };

test("parseSessionState() reads what was printed", () => {
  expect(parseSessionState(printSessionState(STATE))).toEqual(STATE);
  expect(parseSessionState(undefined)).toBeUndefined();
});

for (
  const text of [
    "",
    "null",
    "{}",
    JSON.stringify({ ...STATE, id: "1" }),
    JSON.stringify({ ...STATE, outs: [null] }),
    JSON.stringify({ ...STATE, outs: [{ ...OUT, sequence: -1 }] }),
  ]
) {
  test(`parseSessionState() takes no ${JSON.stringify(text.slice(0, 30))}`, () => {
    expect(parseSessionState(text)).toBeUndefined();
  });
}
