import type { Peer } from "./peers.ts";

const APT = ["-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3", "-q", "-y"];
const UPDATE_ATTEMPTS = 3;

/** Whether a peer is there. */
export async function isThere(peer: Peer): Promise<boolean> {
  return await run(["sh", "-c", peer.check], "ignore") === 0;
}

async function run(command: string[], output: "ignore" | "inherit"): Promise<number> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return await Bun.spawn(command, { stdin: "ignore", stdout: output, stderr: output, env }).exited;
}

/** Installs those of the peers that are missing, where this is root on Debian; answers those missing after it. */
export async function installPeers(peers: readonly Peer[]): Promise<Peer[]> {
  const absent = await whichAreMissing(peers);
  const missing = absent.filter((peer) => peer.packages.length > 0);
  if (missing.length === 0) return absent;
  const names = missing.map((peer) => peer.name).join(", ");
  if (process.getuid?.() !== 0 || Bun.which("apt-get") === null) {
    console.log(`peers missing, and not installed without root and apt: ${names}`);
    return absent;
  }
  console.log(`peers missing, installing: ${names}`);
  let updated = false;
  for (let attempt = 1; attempt <= UPDATE_ATTEMPTS && !updated; attempt++) {
    updated = await run(["apt-get", ...APT, "update"], "ignore") === 0;
    if (!updated) await Bun.sleep(5000 * attempt);
  }
  if (!updated) console.log("apt-get update failed; trying with the lists that are there");
  const packages = [...new Set(missing.flatMap((peer) => peer.packages))];
  const install = ["apt-get", ...APT, "install", "--no-install-recommends"];
  if (await run([...install, ...packages], "ignore") !== 0) {
    // one unknown package must not keep the others out
    for (const peer of missing) await run([...install, ...peer.packages], "inherit");
  }
  return await whichAreMissing(absent);
}

async function whichAreMissing(peers: readonly Peer[]): Promise<Peer[]> {
  const missing: Peer[] = [];
  for (const peer of peers) {
    if (!await isThere(peer)) missing.push(peer);
  }
  return missing;
}
