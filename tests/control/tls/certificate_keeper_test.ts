import { expect, test } from "bun:test";
import type { Log } from "../../../src/base/log.ts";
import type { TlsConfig } from "../../../src/config/sections/tls.ts";
import { CertificateKeeper, LOOK_MILLIS } from "../../../src/control/tls/certificate_keeper.ts";
import { ManualClock } from "../../manual_clock.ts";

const DAY = 86_400_000;

/** Files hold `NAME DAY`: the name, and the day from the start that it ends on. */
function setUp() {
  const clock = new ManualClock();
  const files = new Map([["a.pem", "a 100"], ["b.pem", "b 100"], ["k", "key"]]);
  const said: string[] = [];
  const say = (level: string) => (line: string) => void said.push(`${level}: ${line}`);
  const log: Log = {
    debug() {},
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    debugging: false,
  };
  let changed = () => Promise.resolve<unknown>(undefined);
  let made = 0;
  const start = clock.wall();
  const keeper = new CertificateKeeper({
    clock,
    log,
    read(path) {
      const text = files.get(path);
      return text === undefined ? Promise.reject(new Error("no such file")) : Promise.resolve(text);
    },
    check(cert) {
      const [name = "", day] = cert.split(" ");
      if (day === undefined) throw new Error("nonsense");
      return { names: [name], notAfter: start + Number(day) * DAY };
    },
    own: (names) => Promise.resolve({ cert: `own ${made}`, key: "k", names, notAfter: start + 800 * DAY }),
    watch(_, run) {
      changed = run;
      return { start: () => Promise.resolve(), stop() {} };
    },
  });
  const replaced: string[] = [];
  keeper.onChange((pairs) => replaced.push(pairs.map(({ cert }) => cert).join("|")));
  const wait = async (millis: number) => {
    clock.advance(millis);
    for (let n = 0; n < 10; n++) await Promise.resolve();
  };
  return { files, said, keeper, replaced, wait, changed: () => changed(), renew: () => void made++ };
}

const two: TlsConfig = {
  listen: [],
  certificates: [{ cert: "a.pem", key: "k" }, { cert: "b.pem", key: "k" }],
  names: [],
};

test("a changed file takes the place of the one before, a faulty one does not", async () => {
  const { files, said, keeper, replaced, changed } = setUp();
  expect((await keeper.configure(two)).map(({ names }) => names)).toEqual([["a"], ["b"]]);
  await changed();
  expect(replaced).toEqual([]);
  files.set("b.pem", "c 100");
  await changed();
  expect(replaced).toEqual(["a 100|c 100"]);
  files.set("a.pem", "garbage");
  await changed();
  files.delete("a.pem");
  await changed();
  expect(replaced).toHaveLength(1);
  expect(keeper.current.map(({ cert }) => cert)).toEqual(["a 100", "c 100"]);
  expect(said.slice(1)).toEqual([
    "error: Cannot use the certificate a.pem with the key k: nonsense; the one before stays",
    "error: Cannot use the certificate a.pem with the key k: no such file; the one before stays",
  ]);
  files.set("a.pem", "d 100");
  await changed();
  expect(replaced[1]).toBe("d 100|c 100");
});

test("a configuration with a faulty certificate changes nothing", async () => {
  const { files, keeper } = setUp();
  await keeper.configure(two);
  files.set("b.pem", "garbage");
  await expect(keeper.configure({ ...two, certificates: [{ cert: "b.pem", key: "k" }] })).rejects.toThrow(
    "nonsense",
  );
  expect(keeper.current).toHaveLength(2);
  expect(await keeper.configure(undefined)).toEqual([]);
});

test("a certificate that ends soon is told of once a day, and one of its own making is made anew", async () => {
  const { files, said, keeper, replaced, wait, renew } = setUp();
  files.set("a.pem", "a 15");
  await keeper.configure(two);
  for (let hour = 0; hour < 24 * 4; hour++) await wait(LOOK_MILLIS);
  expect(said.filter((line) => line.startsWith("warn: the certificate a.pem ends on"))).toHaveLength(4);
  said.length = 0;
  await keeper.configure({ listen: [], certificates: [], names: ["box.example"] });
  expect(keeper.current).toMatchObject([{ cert: "own 0", names: ["box.example"] }]);
  await wait(LOOK_MILLIS);
  expect(replaced).toEqual([]);
  renew();
  await wait(LOOK_MILLIS);
  expect(replaced).toEqual(["own 1"]);
  expect(said).toHaveLength(1);
});
