import type { Candidate } from "../choose.ts";
import { loadScript } from "../load_script.ts";
import type { Opening, OpenWay, Playback } from "../playback.ts";
import { sourceUrl } from "../stream_info.ts";
import { openCanvas } from "./canvas.ts";
import { openDashjs } from "./dashjs.ts";
import { openHlsjs } from "./hlsjs.ts";
import { openImage } from "./image.ts";
import { openMews } from "./mews.ts";
import { openPlain } from "./plain.ts";

/** How each way of choose.ts is opened; one that has a row there and none here is not offered. */
export const OPENERS: Readonly<Record<string, OpenWay>> = {
  mews: openMews,
  hlsjs: openHlsjs,
  html5hls: openPlain,
  canvas: openCanvas,
  dashjs: openDashjs,
  html5: openPlain,
  img: openImage,
};

/** Opens the source of a candidate in its way; rejects when it cannot. */
export async function openWay(
  { way, source }: Candidate,
  opening: Omit<Opening, "url">,
): Promise<Playback> {
  const open = OPENERS[way.name];
  if (open === undefined) throw new Error(`Nothing opens ${way.name}`);
  return await open({ ...opening, url: sourceUrl(source, opening.base) });
}

/** Scripts that ways load first. */
const LIBRARIES: Readonly<Record<string, string>> = { hlsjs: "hls.js", dashjs: "dash.js" };

/** Loads what a way will need, since it may be taken soon. */
export function prepareWay(name: string, base: string): void {
  const library = LIBRARIES[name];
  if (library === undefined) return;
  loadScript(new URL(library, base).href).catch((error) => console.debug("fogcast: not prepared", error));
}
