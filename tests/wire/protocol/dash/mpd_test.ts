import { expect, test } from "bun:test";
import { wallMillis } from "../../../../src/base/units.ts";
import { type Mpd, printMpd, type Representation } from "../../../../src/wire/protocol/dash/mpd.ts";
import { printTimeline } from "../../../../src/wire/protocol/dash/timeline.ts";
import { element, printXml } from "../../../../src/wire/protocol/dash/xml.ts";

const VIDEO: Representation = {
  id: "0",
  bandwidth: 2_000_000.4,
  codecs: "avc1.64001F",
  width: 1280,
  height: 720,
  frameRate: 29.97,
  sampleRate: 0,
  channels: 0,
  template: {
    timescale: 90_000,
    presentationTimeOffset: 900_000,
    startNumber: 7,
    initialization: "$RepresentationID$/init-1.mp4",
    media: "$RepresentationID$/$Number$.m4s",
    availableEarly: 1.8,
    timeline: [{ start: 1_000_000, length: 180_000 }, { start: 1_180_000, length: 180_000 }],
  },
};
const AUDIO: Representation = {
  ...VIDEO,
  id: "1",
  bandwidth: 128_000,
  codecs: "mp4a.40.2",
  width: 0,
  height: 0,
  frameRate: undefined,
  sampleRate: 48_000,
  channels: 2,
  template: {
    ...VIDEO.template,
    timescale: 48_000,
    startNumber: undefined,
    availableEarly: undefined,
    timeline: 96_000,
  },
};
const MPD: Mpd = {
  availabilityStart: wallMillis(Date.UTC(2026, 0, 2, 3, 4, 5, 600)),
  location: "index.mpd?audio=eng&since=1",
  publishTime: wallMillis(Date.UTC(2026, 0, 2, 4)),
  minimumUpdatePeriod: 1,
  timeShiftBufferDepth: 20.25,
  maxSegmentDuration: 2.2,
  minBufferTime: 1.6,
  suggestedPresentationDelay: 1.6,
  latency: { target: 1.6, min: 0.8, max: 6.4 },
  timeUri: "time",
  periods: [{
    id: "p1",
    start: 10,
    sets: [
      {
        ...{ id: 1, contentType: "video", language: undefined, isMain: true, representations: [VIDEO] },
        events: [{ scheme: "urn:a", value: "3" }],
      },
      {
        ...{ id: 2, contentType: "audio", language: "eng", isMain: false, representations: [AUDIO] },
        events: [],
      },
    ],
  }],
};

test("printMpd() writes elements and attributes in the order of the schema", () => {
  expect(printMpd(MPD)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011,http://www.dashif.org/guidelines/low-latency-live-v5" type="dynamic" availabilityStartTime="2026-01-02T03:04:05.600Z" publishTime="2026-01-02T04:00:00.000Z" minimumUpdatePeriod="PT1S" timeShiftBufferDepth="PT20.25S" maxSegmentDuration="PT2.2S" minBufferTime="PT1.6S" suggestedPresentationDelay="PT1.6S">
  <Location>index.mpd?audio=eng&amp;since=1</Location>
  <ServiceDescription id="0">
    <Latency referenceId="0" target="1600" min="800" max="6400"/>
    <PlaybackRate min="0.96" max="1.04"/>
  </ServiceDescription>
  <Period id="p1" start="PT10S">
    <AdaptationSet id="1" contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">
      <InbandEventStream schemeIdUri="urn:a" value="3"/>
      <ProducerReferenceTime id="0" type="encoder" inband="true" wallClockTime="2026-01-02T03:04:15.600Z" presentationTime="900000">
        <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="time"/>
      </ProducerReferenceTime>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="0" bandwidth="2000001" codecs="avc1.64001F" width="1280" height="720" frameRate="29970/1000">
        <SegmentTemplate timescale="90000" presentationTimeOffset="900000" availabilityTimeOffset="1.8" availabilityTimeComplete="false" startNumber="7" initialization="$RepresentationID$/init-1.mp4" media="$RepresentationID$/$Number$.m4s">
          <SegmentTimeline>
            <S t="1000000" d="180000" r="1"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
    <AdaptationSet id="2" contentType="audio" mimeType="audio/mp4" lang="eng" segmentAlignment="true" startWithSAP="1">
      <ProducerReferenceTime id="0" type="encoder" inband="true" wallClockTime="2026-01-02T03:04:15.600Z" presentationTime="900000">
        <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="time"/>
      </ProducerReferenceTime>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="alternate"/>
      <Representation id="1" bandwidth="128000" codecs="mp4a.40.2" audioSamplingRate="48000">
        <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>
        <SegmentTemplate timescale="48000" presentationTimeOffset="900000" duration="96000" initialization="$RepresentationID$/init-1.mp4" media="$RepresentationID$/$Number$.m4s"/>
      </Representation>
    </AdaptationSet>
  </Period>
  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="time"/>
</MPD>
`);
});

test("printMpd() says nothing of latency where there is none to keep", () => {
  const text = printMpd({ ...MPD, latency: undefined });
  for (const word of ["low-latency", "ServiceDescription", "ProducerReferenceTime"]) {
    expect(text).not.toContain(word);
  }
});

test("a timeline says equal lengths once, and times only where they do not follow", () => {
  const print = (...entries: [number, number][]) =>
    printXml(printTimeline(entries.map(([start, length]) => ({ start, length })))).split("\n").slice(2, -2)
      .map((line) => line.trim());
  expect(print([0, 5], [5, 5], [10, 6])).toEqual(['<S t="0" d="5" r="1"/>', '<S d="6"/>']);
  // a rounded time is no break, and does not add up
  expect(print([0, 5], [6, 5], [10, 5])).toEqual(['<S t="0" d="5" r="2"/>']);
  expect(print([0, 5], [20, 5], [25, 5])).toEqual(['<S t="0" d="5"/>', '<S t="20" d="5" r="1"/>']);
});

test("what XML cannot hold is escaped or dropped", () => {
  expect(printXml(element("a", { b: `<&">\u0001`, c: undefined }, "1 < 2"))).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<a b="&lt;&amp;&quot;&gt;">1 &lt; 2</a>\n',
  );
});
