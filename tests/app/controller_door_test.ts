import { expect, test } from "bun:test";
import { ControllerDoor, type DoorReport } from "../../src/app/controller_door.ts";
import { isRefusal, type OpenedStream } from "../../src/egress/door.ts";

const VISIT = { remote: "192.0.2.1", url: "http://x/cam.ts", protocol: "TS" };
const page = () => new SharedArrayBuffer(8);

function open() {
  const said: DoorReport[] = [];
  const door = new ControllerDoor((report) => said.push(report));
  /** Opens a stream whose pages these are. */
  const enter = async (name: string, tracks: readonly SharedArrayBuffer[] = []): Promise<OpenedStream> => {
    const asked = door.open(name, VISIT);
    const question = said.at(-1);
    if (question?.type !== "open") throw new Error("nothing was asked");
    expect(question.question).toEqual({ stream: name, ...VISIT });
    door.receive({ type: "opened", id: question.id, answer: { allowed: true, name, page: page(), tracks } });
    const opened = await asked;
    if (isRefusal(opened)) throw new Error(opened.reason);
    return opened;
  };
  return { door, said, enter };
}

test("pages that come later reach all who have the stream open, also those that listen late", async () => {
  const { door, enter } = open();
  const first = await enter("cam", [page()]), second = await enter("cam"), other = await enter("yard");
  const seen: string[] = [];
  first.onTracks(() => seen.push("first"));
  other.onTracks(() => seen.push("other"));
  door.receive({ type: "track", stream: "cam", page: page() });
  expect(seen).toEqual(["first"]);
  second.onTracks(() => seen.push("second"));
  expect(seen).toEqual(["first", "second"]);
  first.release?.();
  door.receive({ type: "track", stream: "cam", page: page() });
  expect(seen).toEqual(["first", "second", "second"]);
  second.release?.();
  second.release?.();
  door.receive({ type: "track", stream: "cam", page: page() });
  expect(seen.length).toBe(3);
  expect(first.tracks.length).toBe(1);
});

test("who has a stream open hears once that its pages were given up, also one that listens late", async () => {
  const { door, enter } = open();
  const first = await enter("cam"), second = await enter("cam");
  let closed = 0;
  first.onClosed(() => closed++);
  door.receive({ type: "closed", stream: "cam" });
  door.receive({ type: "closed", stream: "cam" });
  expect(closed).toBe(1);
  second.onClosed(() => closed++);
  expect(closed).toBe(2);
});

test("a refusal is handed on, and answers go to who asked", async () => {
  const { door, said } = open();
  const first = door.open("a", VISIT), second = door.open("b", VISIT);
  const ids = said.map((report) => "id" in report ? report.id : -1);
  const refusal = { status: 503, reason: "later", retryAfterSeconds: 3 } as const;
  door.receive({ type: "opened", id: ids[1] as number, answer: { allowed: false, ...refusal } });
  expect(await second).toEqual(refusal);
  door.receive({
    type: "opened",
    id: ids[0] as number,
    answer: { allowed: false, status: 404, reason: "no" },
  });
  expect(await first).toEqual({ status: 404, reason: "no" });
});

test("the list is asked for, and somebody's watching told", async () => {
  const { door, said } = open();
  const list = door.list();
  door.receive({ type: "listed", id: 0, streams: [] });
  expect(await list).toEqual([]);
  door.touch("cam");
  expect(said).toEqual([{ type: "list", id: 0 }, { type: "touch", stream: "cam" }]);
});
