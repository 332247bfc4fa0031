import { expect, test } from "bun:test";
import { monoMillis } from "../../src/base/units.ts";
import { Arrivals } from "../../src/ingest/arrivals.ts";
import { DatagramReceiver } from "../../src/ingest/multicast_receiver.ts";
import { NothingComes } from "../../src/ingest/source.ts";
import type { UdpSocket } from "../../src/host/udp.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
const services = { log: quiet };

/** A socket that writes down when its groups are joined and left; `away`: its interface is not there. */
function memberOf(group: string, joins = [{}]) {
  const said: string[] = [];
  const member = { said, now: 0, away: false };
  const note = (what: string) => (name: string) => {
    if (member.away) throw new Error("ENODEV");
    said.push(`${member.now} ${what} ${name}`);
  };
  const socket = { joinGroup: note("join"), leaveGroup: note("leave"), close() {} } as unknown as UdpSocket;
  return Object.assign(member, { receiver: new DatagramReceiver(socket, group, joins) });
}

/** Looks every 100 ms, beginning at `from`; answers what was thrown and when. */
function look(
  arrivals: Arrivals,
  members: ReturnType<typeof memberOf>[],
  from: number,
  to: number,
): string | undefined {
  for (let now = from; now < to; now += 100) {
    for (const member of members) member.now = now;
    try {
      arrivals.look(monoMillis(now), () => members.map((m) => m.receiver));
    } catch (e) {
      expect(e).toBeInstanceOf(NothingComes);
      return `${now} ${(e as Error).message}`;
    }
  }
  return undefined;
}

test("while nothing comes, groups are left and joined anew every 2 s, at the same times whoever asks", () => {
  const [a, b] = [memberOf("239.1.1.1"), memberOf("239.1.1.1")];
  const first = new Arrivals(monoMillis(0), 10_000, services);
  const second = new Arrivals(monoMillis(0), 10_000, services);
  for (const arrivals of [first, second]) arrivals.came(monoMillis(3000));
  expect(look(first, [a], 3000, 8500)).toBeUndefined();
  expect(look(second, [b], 3040, 8500)).toBeUndefined();
  expect(a.said).toEqual([
    "4100 leave 239.1.1.1",
    "4300 join 239.1.1.1",
    "6000 leave 239.1.1.1",
    "6300 join 239.1.1.1",
    "8000 leave 239.1.1.1",
    "8300 join 239.1.1.1",
  ]);
  // both are out of the group from 6040 to 6300
  expect(b.said.slice(2, 4)).toEqual(["6040 leave 239.1.1.1", "6340 join 239.1.1.1"]);
});

test("where something comes, and for an address, nothing is left", () => {
  const group = memberOf("239.1.1.1");
  const arrivals = new Arrivals(monoMillis(0), 10_000, services);
  for (let now = 0; now < 9000; now += 1000) {
    arrivals.came(monoMillis(now));
    look(arrivals, [group], now, now + 1000);
  }
  expect(group.said).toEqual([]);
  const address = memberOf("10.0.0.1", []);
  look(arrivals, [address], 9000, 14_000);
  expect(address.said).toEqual([]);
});

test("what comes while the groups are left is joined for at once", () => {
  const member = memberOf("239.1.1.1");
  const arrivals = new Arrivals(monoMillis(0), 10_000, services);
  look(arrivals, [member], 2000, 2100);
  arrivals.came(monoMillis(2150));
  look(arrivals, [member], 2200, 2300);
  expect(member.said).toEqual(["2000 leave 239.1.1.1", "2200 join 239.1.1.1"]);
});

test("an interface that is away ends nothing: the group is joined when it is back", () => {
  const member = memberOf("239.1.1.1");
  const arrivals = new Arrivals(monoMillis(0), 10_000, services);
  arrivals.came(monoMillis(0));
  look(arrivals, [member], 2000, 2300);
  member.away = true;
  look(arrivals, [member], 2300, 3000);
  member.away = false;
  look(arrivals, [member], 3000, 3200);
  expect(member.said).toEqual(["2000 leave 239.1.1.1", "3000 join 239.1.1.1"]);
  member.away = true;
  expect(look(arrivals, [member], 4000, 4300)).toBeUndefined();
});

test("silence ends a session, and early where nothing has ever come", () => {
  const never = new Arrivals(monoMillis(0), 10_000, services);
  never.begin(monoMillis(1000));
  expect(look(never, [], 0, 20_000)).toBe("6100 nothing comes for 5 s");
  const soon = new Arrivals(monoMillis(0), 1500, services);
  expect(look(soon, [], 0, 20_000)).toBe("1600 nothing comes for 1.5 s");
  let arrived = 0;
  const once = new Arrivals(monoMillis(0), 10_000, { log: quiet, arrived: () => arrived++ });
  once.came(monoMillis(2000));
  once.came(monoMillis(1990));
  expect(arrived).toBe(1);
  expect(once.first).toBe(monoMillis(2000));
  expect(look(once, [], 2000, 20_000)).toBe("12100 silent for 10 s");
});
