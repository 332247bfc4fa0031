import { makeLog } from "../../../src/base/log.ts";
import { Scope } from "../../../src/base/scope.ts";
import type { OptionValue } from "../../../src/config/option.ts";
import { LiveStream } from "../../../src/egress/live/live_stream.ts";
import type { Push } from "../../../src/egress/push/push.ts";
import { PushMeter } from "../../../src/egress/push/push_meter.ts";
import { AUDIO, SyntheticCamera, TestClock, TestStream, VIDEO } from "../http/test_door.ts";

/** A synthetic stream with picture and sound that is pushed to `url`. */
export async function pushStream(
  push: Push,
  url: string,
  values: Readonly<Record<string, OptionValue>> = {},
) {
  const clock = new TestClock();
  const source = new TestStream("cam", clock);
  const camera = new SyntheticCamera(source);
  for (const track of [VIDEO, AUDIO]) await camera.add(track);
  const said: string[] = [];
  const log = makeLog(
    (line) => said.push(line.message),
    { stream: "cam", part: "test", least: "debug" },
    () => 0,
  );
  const stream = new LiveStream(source.open(), clock, log);
  const scope = new Scope();
  const meter = new PushMeter(() => {});
  const run = push.run(scope, { url, values, select: {} }, stream, { clock, log, random: () => 0, meter });
  // said by the test that waits for it
  run.catch(() => undefined);
  const until = async (enough: () => boolean) => {
    while (!enough()) await Bun.sleep(1);
  };
  /** Waits until it sends; it begins with the key frame after those that were there when it first looked. */
  const begun = async () => {
    camera.writeUntil(1);
    clock.time += 3000;
    await until(() => meter.tracks.length > 0);
    camera.writeUntil(3);
    await until(() => meter.sending);
  };
  /** Writes from the third second to `seconds`, little by little, as soon as `arrived` says that all is there. */
  const write = async (seconds: number, arrived: () => boolean) => {
    for (let to = 3.2; to <= seconds; to += 0.2) {
      camera.writeUntil(to);
      // sending began at the second second; a frame of 40 ms may be missing
      await until(() => meter.mediaMillis > (to - 2) * 1000 - 45 && arrived());
    }
  };
  const close = async () => {
    await scope.close();
    await run;
    stream.close();
  };
  return { clock, camera, said, meter, scope, run, until, begun, write, close };
}
