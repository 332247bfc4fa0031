import type { OpenWay } from "../playback.ts";
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
