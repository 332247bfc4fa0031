import { expect, test } from "bun:test";
import { GuardianLog } from "../../src/guardian/guardian_log.ts";
import { type LogLevel } from "../../src/base/log.ts";
import { LogSink } from "../../src/control/telemetry/log_sink.ts";
import { Stage } from "./scripted_server.ts";

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

for (
  const style of [
    { format: "text", priorities: false },
    { format: "json", priorities: false },
    { format: "text", priorities: true },
    { format: "json", priorities: true },
  ] as const
) {
  test(`the guardian's lines look as the server's: ${style.format}, priorities ${style.priorities}`, () => {
    const own: string[] = [];
    const log = new GuardianLog((line) => own.push(line), () => AT);
    log.printAs(style);
    const servers: string[] = [];
    const settings = { ...style, colour: false, lines: 10, linesPerSecond: 100 };
    const sink = new LogSink(settings, (text) => servers.push(...text.trimEnd().split("\n")));
    const put = (level: LogLevel, message: string) =>
      sink.put({ at: AT, level, part: "guard", stream: "", message } as Parameters<LogSink["put"]>[0]);
    log.info("starting it again");
    put("info", "starting it again");
    log.warn('server 7 died: "why"');
    put("warn", 'server 7 died: "why"');
    expect(own).toEqual(servers);
  });
}

test("the guardian prints as its server says, from then on", () => {
  const styles: unknown[] = [];
  const stage = new Stage({ printAs: (style) => void styles.push(style) });
  stage.serving().report({ type: "log", format: "json", priorities: false });
  expect(styles).toEqual([{ format: "json", priorities: false }]);
});
