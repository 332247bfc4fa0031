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

function run(...command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString().trim()}`);
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
