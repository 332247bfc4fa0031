/** A second network stack, joined to this one by a cable: for peers that keep multicast from their own machine. */
export interface NetworkNamespace {
  /** Our address on the cable, and that of the other end. */
  readonly here: string;
  readonly there: string;
  /** Name of our end's interface. */
  readonly device: string;
  /** Put in front of a command to run it over there. */
  readonly prefix: readonly string[];
  close(): void;
}

/** A namespace whose end of the cable is in a switch. */
export interface SwitchedNamespace extends NetworkNamespace {
  /** Pulls the cable out of the switch; who sends over there goes on sending. */
  pull(): void;
  plug(): void;
  /** Groups that the switch knows to be wanted at our end: it has heard so since the cable was plugged in. */
  members(): string[];
}

function run(...command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString().trim()}`);
}

const QUERY = new URL("./igmp_query.py", import.meta.url).pathname;

/**
 * Makes one with a switch that lets only those groups through of which it heard that they are wanted. A router asked who
 * is there before the test began, and will ask again in two minutes.
 */
export function openSwitchedNamespace(): SwitchedNamespace {
  const bridge = "switch";
  const space = openNetworkNamespace();
  const over = (...command: string[]) => run(...space.prefix, ...command);
  const far = `${space.device.slice(0, -1)}b`;
  try {
    over("ip", "addr", "flush", "dev", far);
    over("ip", "link", "add", bridge, "type", "bridge", "mcast_snooping", "1", "mcast_querier", "0");
    over("ip", "link", "set", far, "master", bridge);
    over("ip", "addr", "add", `${space.there}/24`, "dev", bridge);
    over("ip", "link", "set", bridge, "up");
    over("ip", "route", "replace", "224.0.0.0/4", "dev", bridge);
    over("/usr/bin/python3", QUERY, space.there);
  } catch (e) {
    space.close();
    throw e;
  }
  return {
    ...space,
    pull: () => over("ip", "link", "set", far, "down"),
    plug: () => over("ip", "link", "set", far, "up"),
    members() {
      const { stdout } = Bun.spawnSync([...space.prefix, "bridge", "-j", "mdb", "show", "dev", bridge]);
      const [{ mdb }] = JSON.parse(stdout.toString()) as [{ mdb: { port: string; grp: string }[] }];
      return mdb.filter((m) => m.port === far).map((m) => m.grp);
    },
  };
}

/** Makes one; throws where that is not allowed (it takes root and the right to administer networks). */
export function openNetworkNamespace(): NetworkNamespace {
  const name = `fogt${process.pid}`;
  const net = 16 + process.pid % 200;
  const [here, there] = [`10.77.${net}.1`, `10.77.${net}.2`];
  const [near, far] = [`${name}a`, `${name}b`];
  run("ip", "netns", "add", name);
  try {
    run("ip", "link", "add", near, "type", "veth", "peer", "name", far);
    run("ip", "link", "set", far, "netns", name);
    run("ip", "addr", "add", `${here}/24`, "dev", near);
    // no card is expected to cut datagrams: the system does it, and what is counted and captured is what would be sent
    run("ip", "link", "set", near, "gso_max_segs", "1", "up");
    const prefix = ["ip", "netns", "exec", name];
    run(...prefix, "ip", "addr", "add", `${there}/24`, "dev", far);
    run(...prefix, "ip", "link", "set", far, "up");
    run(...prefix, "ip", "link", "set", "lo", "up");
    run(...prefix, "ip", "route", "add", "224.0.0.0/4", "dev", far);
    return { here, there, device: near, prefix, close: () => run("ip", "netns", "del", name) };
  } catch (e) {
    Bun.spawnSync(["ip", "netns", "del", name]);
    throw e;
  }
}
