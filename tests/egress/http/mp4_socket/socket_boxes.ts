import { afterEach } from "bun:test";
import { SocketBox } from "./socket_fixture.ts";

/** Starts cameras for the tests of the file that calls it; after each test they are closed. */
export function socketBoxes(): typeof SocketBox.start {
  const boxes: SocketBox[] = [];
  afterEach(() => {
    for (const box of boxes.splice(0)) box.close();
  });
  return async (...given) => {
    const box = await SocketBox.start(...given);
    boxes.push(box);
    return box;
  };
}

export const PLAY = { type: "play" };
export const CODECS = { type: "request_codec_data", supported_codecs: ["H264", "AAC"] };

/** Stream time of frame n, milliseconds: streams begin at 1 s. */
export const at = (n: number): number => 1000 + 40 * n;

/** Whole numbers from a to b, b included. */
export const range = (a: number, b: number): number[] => Array.from({ length: b - a + 1 }, (_, i) => a + i);
