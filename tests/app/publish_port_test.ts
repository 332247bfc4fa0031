import { expect, test } from "bun:test";
import { PublishPort } from "../../src/app/publish_port.ts";
import { createStreamPage } from "../../src/buffer/stream_page.ts";
import { createTrackPage } from "../../src/buffer/track_page.ts";
import type {
  PublishAnswer,
  PublishQuestion,
  PublishReport,
} from "../../src/control/publish/publish_messages.ts";
import { Vitals } from "../../src/control/supervise/vitals.ts";
import { ALAW } from "../egress/http/test_door.ts";
import { ManualClock } from "../manual_clock.ts";

const QUESTION: PublishQuestion = {
  stream: "yard",
  remote: "192.0.2.1",
  url: "rtsp://h/yard",
  protocol: "RTSP",
  userAgent: "",
  password: "",
  proof: { kind: "none" },
};
const allowed = (session: number): PublishAnswer => ({
  allowed: true,
  session,
  name: "yard",
  page: createStreamPage(),
  tracks: [],
  limits: { segmentMillis: 2000, partMillis: 200, windowMillis: 30_000, maxBytesPerTrack: 1_000_000 },
  vitals: Vitals.create().shared,
});

function open() {
  const said: PublishReport[] = [];
  const port = new PublishPort((report) => said.push(report), new ManualClock());
  /** Somebody asks and is let in. */
  const enter = async (session: number) => {
    const asked = port.open(QUESTION);
    port.receive({ type: "published", id: idOf(said.at(-1)), answer: allowed(session) });
    const opened = await asked;
    if ("allowed" in opened) throw new Error(opened.reason);
    return opened;
  };
  return { port, said, enter };
}

function idOf(report: PublishReport | undefined): number {
  if (report === undefined || !("id" in report)) throw new Error("nothing was asked");
  return report.id;
}

test("a refusal is handed on, and answers go to who asked", async () => {
  const { port, said } = open();
  const first = port.open(QUESTION), second = port.open({ ...QUESTION, stream: "attic" });
  const [a, b] = said.map(idOf);
  port.receive({ type: "published", id: b as number, answer: allowed(2) });
  port.receive({ type: "published", id: a as number, answer: { allowed: false, status: 404, reason: "no" } });
  expect(await first).toEqual({ allowed: false, status: 404, reason: "no" });
  expect(await second).toMatchObject({ name: "yard" });
});

test("a new track is written on the page that the controller gives; without one the publisher was replaced", async () => {
  const { port, said, enter } = open();
  const { writer } = await enter(5);
  const session = writer.begin();
  const added = session.addTrack({ ...ALAW, id: 0 });
  expect(said.at(-1)).toMatchObject({ type: "allocate", session: 5, trackId: 0, kind: "audio" });
  port.receive({ type: "page", id: idOf(said.at(-1)), page: createTrackPage("audio", 1_000_000) });
  expect((await added).id).toBe(0);
  const refused = session.addTrack(ALAW);
  port.receive({ type: "page", id: idOf(said.at(-1)), page: undefined });
  await expect(refused).rejects.toThrow("another publisher has taken over");
});

test("an end is heard also right behind the answer; who has left says so once and hears of no end", async () => {
  const { port, said, enter } = open();
  const heard: string[] = [];
  const asked = port.open(QUESTION);
  port.receive({ type: "published", id: idOf(said.at(-1)), answer: allowed(7) });
  port.receive({ type: "endPublish", session: 7, reason: "stopped" });
  const early = await asked;
  if ("allowed" in early) throw new Error(early.reason);
  early.onEnd((reason) => heard.push(`early: ${reason}`));
  expect(heard).toEqual(["early: stopped"]);

  const second = await enter(8);
  second.onEnd((reason) => heard.push(`second: ${reason}`));
  port.receive({ type: "endPublish", session: 8, reason: "removed" });
  second.leave();
  second.leave();
  port.receive({ type: "endPublish", session: 8, reason: "again" });
  expect(heard).toEqual(["early: stopped", "second: removed"]);
  expect(said.filter((report) => report.type === "unpublish")).toEqual([{ type: "unpublish", session: 8 }]);
});
