import type { WallMillis } from "../../../base/units.ts";
import { printTimeline, type TimelineEntry } from "./timeline.ts";
import { element, printXml, type XmlElement } from "./xml.ts";

/** ISO/IEC 23009-1, 5.3.9: how the segments of a representation are addressed. */
export interface SegmentTemplate {
  readonly timescale: number;
  /** Time of the media, in ticks, at the start of the period. */
  readonly presentationTimeOffset: number;
  /** Number of the first entry; undefined where addresses hold times. */
  readonly startNumber: number | undefined;
  readonly initialization: string;
  readonly media: string;
  /** Seconds before its end that a segment may be asked for; undefined where only complete ones may be. */
  readonly availableEarly: number | undefined;
  /** Its segments, or the length that all of them have, in ticks. */
  readonly timeline: readonly TimelineEntry[] | number;
}

/** ISO/IEC 23009-1, 5.3.5. */
export interface Representation {
  readonly id: string;
  readonly bandwidth: number;
  /** RFC 6381; empty where none exists. */
  readonly codecs: string;
  /** Pixels; 0 for audio or while unknown. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: number | undefined;
  /** 0 for video. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly template: SegmentTemplate;
}

/** ISO/IEC 23009-1, 5.3.3. */
export interface AdaptationSet {
  readonly id: number;
  readonly contentType: "video" | "audio";
  readonly language: string | undefined;
  /** The one to begin with. */
  readonly isMain: boolean;
  /** Events that are in its segments: 5.10.3. */
  readonly events: readonly { readonly scheme: string; readonly value: string }[];
  readonly representations: readonly Representation[];
}

/** ISO/IEC 23009-1, 5.3.2. */
export interface Period {
  readonly id: string;
  /** Seconds after {@link Mpd.availabilityStart} at which its media was, or would have been, produced. */
  readonly start: number;
  readonly sets: readonly AdaptationSet[];
}

/** A live presentation. Seconds throughout. */
export interface Mpd {
  /** By the clock that {@link timeUri} tells. */
  readonly availabilityStart: WallMillis;
  /** Where the manifest is to be read again. */
  readonly location: string;
  readonly publishTime: WallMillis;
  readonly minimumUpdatePeriod: number;
  readonly timeShiftBufferDepth: number;
  readonly maxSegmentDuration: number;
  readonly minBufferTime: number;
  readonly suggestedPresentationDelay: number;
  /** Wished, least and most latency; undefined: no low latency. */
  readonly latency: { readonly target: number; readonly min: number; readonly max: number } | undefined;
  /** Answers the server's time as ISO 8601. */
  readonly timeUri: string;
  readonly periods: readonly Period[];
}

const LIVE = "urn:mpeg:dash:profile:isoff-live:2011";
const LOW_LATENCY = "http://www.dashif.org/guidelines/low-latency-live-v5";
const HTTP_ISO = "urn:mpeg:dash:utc:http-iso:2014";

/** Prints a dynamic MPD (ISO/IEC 23009-1, 5.3.1). */
export function printMpd(mpd: Mpd): string {
  const { latency } = mpd;
  return printXml(element(
    "MPD",
    {
      xmlns: "urn:mpeg:dash:schema:mpd:2011",
      profiles: latency === undefined ? LIVE : `${LIVE},${LOW_LATENCY}`,
      type: "dynamic",
      availabilityStartTime: new Date(mpd.availabilityStart).toISOString(),
      publishTime: new Date(mpd.publishTime).toISOString(),
      minimumUpdatePeriod: duration(mpd.minimumUpdatePeriod),
      timeShiftBufferDepth: duration(mpd.timeShiftBufferDepth),
      maxSegmentDuration: duration(mpd.maxSegmentDuration),
      minBufferTime: duration(mpd.minBufferTime),
      suggestedPresentationDelay: duration(mpd.suggestedPresentationDelay),
    },
    element("Location", {}, mpd.location),
    latency && element(
      "ServiceDescription",
      { id: 0 },
      element("Latency", {
        referenceId: 0,
        target: Math.round(latency.target * 1000),
        min: Math.round(latency.min * 1000),
        max: Math.round(latency.max * 1000),
      }),
      element("PlaybackRate", { min: 0.96, max: 1.04 }),
    ),
    ...mpd.periods.map((period) => printPeriod(period, mpd)),
    utcTiming(mpd),
  ));
}

function utcTiming({ timeUri }: Mpd): XmlElement {
  return element("UTCTiming", { schemeIdUri: HTTP_ISO, value: timeUri });
}

function printPeriod(period: Period, mpd: Mpd): XmlElement {
  return element(
    "Period",
    { id: period.id, start: duration(period.start) },
    ...period.sets.map((set) => printSet(set, period, mpd)),
  );
}

function printSet(set: AdaptationSet, period: Period, mpd: Mpd): XmlElement {
  const [first] = set.representations;
  return element(
    "AdaptationSet",
    {
      id: set.id,
      contentType: set.contentType,
      mimeType: `${set.contentType}/mp4`,
      lang: set.language,
      segmentAlignment: true,
      startWithSAP: 1,
    },
    ...set.events.map(({ scheme, value }) => element("InbandEventStream", { schemeIdUri: scheme, value })),
    mpd.latency && first && element(
      "ProducerReferenceTime",
      {
        id: 0,
        type: "encoder",
        inband: true,
        wallClockTime: new Date(mpd.availabilityStart + period.start * 1000).toISOString(),
        presentationTime: first.template.presentationTimeOffset,
      },
      utcTiming(mpd),
    ),
    element("Role", { schemeIdUri: "urn:mpeg:dash:role:2011", value: set.isMain ? "main" : "alternate" }),
    ...set.representations.map(printRepresentation),
  );
}

function printRepresentation(r: Representation): XmlElement {
  const { template } = r;
  return element(
    "Representation",
    {
      id: r.id,
      bandwidth: Math.ceil(r.bandwidth),
      codecs: r.codecs || undefined,
      width: r.width || undefined,
      height: r.height || undefined,
      frameRate: r.frameRate === undefined ? undefined : printFrameRate(r.frameRate),
      audioSamplingRate: r.sampleRate || undefined,
    },
    r.channels > 0
      ? element("AudioChannelConfiguration", {
        schemeIdUri: "urn:mpeg:dash:23003:3:audio_channel_configuration:2011",
        value: r.channels,
      })
      : undefined,
    element(
      "SegmentTemplate",
      {
        timescale: template.timescale,
        presentationTimeOffset: template.presentationTimeOffset,
        availabilityTimeOffset: template.availableEarly,
        availabilityTimeComplete: template.availableEarly === undefined ? undefined : false,
        duration: typeof template.timeline === "number" ? template.timeline : undefined,
        startNumber: template.startNumber,
        initialization: template.initialization,
        media: template.media,
      },
      typeof template.timeline === "number" ? undefined : printTimeline(template.timeline),
    ),
  );
}

/** ISO/IEC 23009-1, table 9: a whole number, or a fraction of two. */
function printFrameRate(rate: number): string {
  return Number.isInteger(rate) ? String(rate) : `${Math.round(rate * 1000)}/1000`;
}

/** W3C XML Schema, 3.2.6: milliseconds at most. */
function duration(seconds: number): string {
  return `PT${Number(seconds.toFixed(3))}S`;
}
