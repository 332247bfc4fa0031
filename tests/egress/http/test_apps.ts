import { afterEach, expect } from "bun:test";
import type { Track } from "../../../src/media/track.ts";
import { TestApp } from "./test_app.ts";
import { AUDIO, SyntheticCamera, VIDEO } from "./test_door.ts";

/** Makes applications for the tests of the file that calls it; after each test they are closed, and had no errors. */
export function testApps() {
  const made: TestApp[] = [];
  afterEach(() => {
    const now = made.splice(0);
    for (const t of now) t.app.close();
    expect(now.flatMap((t) => t.errors)).toEqual([]);
  });
  const open = (...settings: ConstructorParameters<typeof TestApp>): TestApp => {
    const t = new TestApp(...settings);
    made.push(t);
    return t;
  };
  /** An application in front of a camera whose frames the clock goes with, and that has written `seconds`. */
  const live = async (seconds: number, tracks: readonly Track[] = [VIDEO, AUDIO]) => {
    const t = open();
    const camera = new SyntheticCamera(t.stream);
    camera.clock = t.clock;
    for (const track of tracks) await camera.add(track);
    camera.writeUntil(seconds);
    return { t, camera };
  };
  return { open, live };
}
