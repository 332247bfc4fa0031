import { expect, test } from "bun:test";
import { shownSource } from "../../src/app/settings.ts";

test("viewers see neither logins nor the words of commands", () => {
  for (
    const [source, shown] of [
      ["rtsp://admin:hush@camera.local/1", "rtsp://***@camera.local/1"],
      ["push://192.0.2.1@hush", "push://192.0.2.1@***"],
      ["tsudp://192.0.2.1@239.1.2.3:5000", "tsudp://192.0.2.1@239.1.2.3:5000"],
      ["ts-exec:receive", "ts-exec:receive"],
      ["ts-exec:curl -u admin:hush http://camera.local/x.ts", "ts-exec:curl …"],
      ["ts-exec: /opt/receive --key hush", "ts-exec: /opt/receive …"],
      ["TS-EXEC:'/opt/my tool' hush", "ts-exec:…"],
      ["ts-exec:KEY=hush receive", "ts-exec:…"],
    ] as const
  ) expect(shownSource(source)).toBe(shown);
});
