import { expect, test } from "bun:test";
import { Handover, type HandoverParts } from "../../src/app/handover.ts";
import type { HandedPush } from "../../src/control/handover/handed_pushes.ts";
import type { PushEntry } from "../../src/control/push/push_table.ts";
import { StreamTags } from "../../src/control/stream/stream_tags.ts";
import type { HandedStream } from "../../src/guardian/messages.ts";
import { keptLog } from "../control/config/memory_store.ts";
import { ManualClock } from "../manual_clock.ts";

const PUSH: HandedPush = { id: 3, given: "wire://h", filled: "wire://h", startedAt: 1, sentMillis: 2 };

/** A server in which these streams run and these are pushed; notes what happens to its parts. */
function open(running: readonly string[], pushed: readonly string[] = []) {
  const clock = new ManualClock();
  const said: string[] = [];
  const log = keptLog();
  const tags = new StreamTags({
    clock,
    configured: () => ["north"],
    running: () => running,
  });
  const parts: HandoverParts = {
    http: {
      passOn: () => said.push("pass on"),
      passed: (stream) => said.push(`passed ${stream}`),
      leave: () => Promise.resolve(),
      listen: () => Promise.resolve([]),
    },
    table: {
      running: () => running,
      release: () => Promise.resolve(undefined),
      held: () => ({ ready: Promise.resolve(), late: () => [] }),
      adopt: (stream) => void said.push(`adopt ${stream}`),
      adoptRest: () => said.push("adopt rest"),
    },
    pushes: {
      rest: () => said.push("rest"),
      list: () => pushed.map((stream) => ({ stream }) as PushEntry),
      release: (stream) => Promise.resolve({ next: 4, pushes: pushed.includes(stream) ? [PUSH] : [] }),
      adopt: (stream, { pushes }) => {
        said.push(`pushes of ${stream}: ${pushes.map(({ id }) => id)}, tags ${tags.of(stream)}`);
      },
    },
    tags,
    rtsp: {
      stop: () => {
        said.push("rtsp ends");
        return Promise.resolve();
      },
    },
    log,
  };
  return { handover: new Handover(parts), said, log, tags, clock };
}

async function giveAway({ handover, said }: ReturnType<typeof open>): Promise<HandedStream[]> {
  const handed: HandedStream[] = [];
  await handover.giveAway("/run/socket", "/run", (stream) => {
    said.push(`handed ${stream.stream}`);
    handed.push(stream);
  });
  return handed;
}

test("tags given by hand and pushes go to the next server, also those of streams without a source of their own", async () => {
  const old = open(["cam", "door"], ["cam", "published"]), fresh = open(["cam", "door"]);
  old.tags.add("cam", ["kept"]);
  old.tags.remove("cam", ["north"]);
  old.tags.add("late", ["day"]);
  expect(old.handover.givesAway).toBe(false);
  const handed = await giveAway(old);
  expect([old.handover.givesAway, fresh.handover.givesAway]).toEqual([true, false]);
  expect(old.said.slice(-3)).toEqual(["handed late", "handed published", "rtsp ends"]);
  expect(handed.map(({ stream }) => stream).sort()).toEqual(["cam", "door", "late", "published"]);
  for (const stream of handed) await fresh.handover.adopt(stream);
  expect(fresh.said.filter((line) => line.startsWith("pushes"))).toEqual([
    "pushes of cam: 3, tags kept",
    "pushes of door: , tags north",
    "pushes of late: , tags north,day",
    "pushes of published: 3, tags north",
  ]);
  expect(fresh.log.lines).toEqual([]);
});

test("what another version wrote is said, and keeps the rest from nothing", async () => {
  const { handover, said, log, tags } = open(["cam"]);
  await handover.adopt({ stream: "cam", tags: '{"all":true}', pushes: '{"next":4,"pushes":[]}' });
  await handover.adopt({
    stream: "door",
    tags: '{"added":["day"],"removed":[],"leftMillis":9}',
    pushes: "4",
  });
  expect(said).toEqual(["adopt cam", "pushes of cam: , tags north", "adopt door"]);
  expect(tags.of("door")).toEqual(["north", "day"]);
  expect(log.lines).toEqual([
    expect.stringContaining("cam: tags are not taken over: Cannot read tags"),
    expect.stringContaining("door: pushes are not taken over: Cannot read pushes"),
  ]);
});
