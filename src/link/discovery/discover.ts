import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { DeviceInformation } from "../../wire/protocol/onvif/services.ts";
import { type CameraStream, type Login, LoginRefused, OnvifDevice } from "./onvif_device.ts";
import { type FoundDevice, probeNetwork } from "./probe_network.ts";

/** Devices that are asked at a time. */
const AT_ONCE = 16;

export interface DiscoverOptions extends Login {
  /** Names or addresses of interfaces; none: all but loopback. */
  readonly interfaces: readonly string[];
  /** How long answers to the first question are waited for. */
  readonly millis: number;
}

/** A camera that was found. */
export interface FoundCamera extends DeviceInformation {
  readonly id: string;
  /** Host name or address. */
  readonly host: string;
  readonly name: string;
  readonly hardware: string;
  readonly location: string;
  readonly streams: readonly CameraStream[];
  /** Why it told no streams; empty where it did. */
  readonly trouble: string;
  /** It wants a login, or another one. */
  readonly locked: boolean;
}

/** Finds the cameras of the network and asks each for its streams. Throws where no interface can be asked. */
export async function discoverCameras(o: DiscoverOptions, clock: Clock, log: Log): Promise<FoundCamera[]> {
  const devices = await probeNetwork(o, clock, log);
  const cameras: FoundCamera[] = [];
  const queue = [...devices];
  const work = async () => {
    for (let device = queue.shift(); device !== undefined; device = queue.shift()) {
      cameras.push(await askDevice(device, o, clock));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const key = (camera: FoundCamera) =>
    `${camera.host.replace(/\d+/g, (n) => n.padStart(3, "0"))} ${camera.name}`;
  return cameras.sort((a, b) => key(a) < key(b) ? -1 : 1);
}

async function askDevice(found: FoundDevice, login: Login, clock: Clock): Promise<FoundCamera> {
  const { id, name, hardware, location } = found;
  const device = new OnvifDevice(found.url, login, clock);
  let information: DeviceInformation = { manufacturer: "", model: "", firmware: "", serial: "" };
  let streams: readonly CameraStream[] = [];
  let trouble = "";
  let locked = false;
  try {
    await device.synchronise();
    information = await device.information();
    streams = await device.streams();
    if (streams.length === 0) trouble = "tells of no streams";
  } catch (e) {
    trouble = e instanceof Error ? e.message : String(e);
    locked = e instanceof LoginRefused;
  }
  return {
    id,
    host: new URL(found.url).hostname,
    name,
    hardware,
    location,
    ...information,
    streams,
    trouble,
    locked,
  };
}
