import type { TrackStatus } from "../track_meter.ts";
import { each, type MetricFamily, type MetricsSnapshot, type Sample } from "./family.ts";

/** One sample a track for which `value` answers one. */
function tracks(s: MetricsSnapshot, value: (track: TrackStatus) => number | undefined): readonly Sample[] {
  return s.streams.flatMap((stream) =>
    stream.tracks.flatMap((track) => {
      const found = value(track);
      const { id, kind, codec } = track;
      return found === undefined
        ? []
        : [{ labels: { stream: stream.name, track: id, kind, codec }, value: found }];
    })
  );
}

/** Every stream by itself. */
export const STREAM_METRICS = {
  fogcast_stream_up: {
    type: "gauge",
    help: "1 while media come",
    perStream: true,
    samples: (s) => each(s, (t) => t.state === "online" ? 1 : 0),
  },
  fogcast_stream_received_bytes_total: {
    type: "counter",
    help: "Bytes received from the source",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.bytesIn),
  },
  fogcast_stream_received_bytes_per_second: {
    type: "gauge",
    help: "Bytes a second that the source sent over the last seconds",
    perStream: true,
    samples: (s) => each(s, (t) => t.bitsPerSecond / 8),
  },
  fogcast_stream_packets_received_total: {
    type: "counter",
    help: "Packets received from the source",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.packetsIn),
  },
  fogcast_stream_packets_lost_total: {
    type: "counter",
    help: "Packets of the source that never came",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.packetsLost),
  },
  fogcast_stream_packets_reordered_total: {
    type: "counter",
    help: "Packets of the source that came late and were put back in order",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.packetsReordered),
  },
  fogcast_stream_packets_duplicated_total: {
    type: "counter",
    help: "Packets of the source that came twice",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.packetsDuplicated),
  },
  fogcast_stream_packets_recovered_total: {
    type: "counter",
    help: "Lost packets of the source that error correction brought back",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.packetsRecovered),
  },
  fogcast_stream_packets_unrecoverable_total: {
    type: "counter",
    help: "Lost packets of the source that error correction could not bring back",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.packetsUnrecoverable),
  },
  fogcast_stream_ts_continuity_errors_total: {
    type: "counter",
    help: "Gaps that the counters of an MPEG transport stream show",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.tsDiscontinued),
  },
  fogcast_stream_ts_scrambled_packets_total: {
    type: "counter",
    help: "Scrambled packets of an MPEG transport stream, which are dropped",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.tsScrambled),
  },
  fogcast_stream_frames_received_total: {
    type: "counter",
    help: "Frames put together from what was received",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.framesIn),
  },
  fogcast_stream_frames_damaged_total: {
    type: "counter",
    help: "Frames that could not be put together",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.framesDamaged),
  },
  fogcast_stream_viewer_packets_sent_total: {
    type: "counter",
    help: "Packets sent to viewers of protocols that may lose them",
    perStream: true,
    samples: (s) => each(s, (t) => t.viewerPackets),
  },
  fogcast_stream_viewer_packets_lost_total: {
    type: "counter",
    help: "Packets that viewers report as lost",
    perStream: true,
    samples: (s) => each(s, (t) => t.viewerPacketsLost),
  },
  fogcast_stream_viewer_jitter_seconds: {
    type: "gauge",
    help: "Interarrival jitter that the worst viewer reports",
    perStream: true,
    samples: (s) => each(s, (t) => t.viewerJitterMillis / 1000),
  },
  fogcast_stream_viewer_round_trip_seconds: {
    type: "gauge",
    help: "Round trip time to the farthest viewer that reports",
    perStream: true,
    samples: (s) => each(s, (t) => t.viewerRoundTripMillis / 1000),
  },
  fogcast_stream_jitter_seconds: {
    type: "gauge",
    help: "Interarrival jitter of the worst track, as in RFC 3550",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.jitterMillis / 1000),
  },
  fogcast_stream_reconnects_total: {
    type: "counter",
    help: "Connections to the source after the first one",
    perStream: true,
    samples: (s) => each(s, (t) => t.input.reconnects),
  },
  fogcast_stream_worker_restarts_total: {
    type: "counter",
    help: "Starts of the stream's worker after it ended by itself",
    perStream: true,
    samples: (s) => each(s, (t) => t.workerRestarts),
  },
  fogcast_stream_buffer_seconds: {
    type: "gauge",
    help: "Media that every track holds",
    perStream: true,
    samples: (s) => each(s, (t) => t.bufferSeconds),
  },
  fogcast_stream_buffer_bytes: {
    type: "gauge",
    help: "Memory of the stream's tracks",
    perStream: true,
    samples: (s) => each(s, (t) => t.bufferBytes),
  },
  fogcast_stream_latency_seconds: {
    type: "histogram",
    help: "From the write of a part's last frame until the part is ready for viewers",
    perStream: true,
    samples: (s) => each({ ...s, streams: s.streams.filter((t) => t.latency.count > 0) }, (t) => t.latency),
  },
  fogcast_stream_viewers: {
    type: "gauge",
    help: "Viewers now, by protocol",
    perStream: true,
    samples: (s) =>
      s.streams.flatMap(({ name: stream, viewersByProtocol }) =>
        [...viewersByProtocol].map(([protocol, value]) => ({ labels: { stream, protocol }, value }))
      ),
  },
  fogcast_stream_views_total: {
    type: "counter",
    help: "Viewers' sessions",
    perStream: true,
    samples: (s) => each(s, (t) => t.views),
  },
  fogcast_stream_sent_bytes_total: {
    type: "counter",
    help: "Bytes of bodies sent to viewers",
    perStream: true,
    samples: (s) => each(s, (t) => t.bytesOut),
  },
  fogcast_track_frames_per_second: {
    type: "gauge",
    help: "Frame rate over the last seconds",
    perStream: true,
    samples: (s) => tracks(s, (t) => t.frameRate),
  },
  fogcast_track_key_frame_interval_seconds: {
    type: "gauge",
    help: "Time between the newest two key frames",
    perStream: true,
    samples: (s) => tracks(s, (t) => t.keyFrameSeconds > 0 ? t.keyFrameSeconds : undefined),
  },
  fogcast_track_frames_total: {
    type: "counter",
    help: "Frames written into the buffer",
    perStream: true,
    samples: (s) => tracks(s, (t) => t.frames),
  },
  fogcast_track_frames_dropped_early_total: {
    type: "counter",
    help: "Frames that left the buffer before the window was over, because its memory is at the cap",
    perStream: true,
    samples: (s) => tracks(s, (t) => t.shrunk),
  },
} as const satisfies Readonly<Record<string, MetricFamily>>;
