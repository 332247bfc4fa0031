import { type FrameRecord, makeFrameRecord, type TrackView } from "../../../buffer/track_view.ts";
import {
  encodeEventSeries,
  EVENT_OPEN,
  type EventMessage,
  ID3_EVENTS,
} from "../../../wire/container/mp4/emsg.ts";
import { TimedData } from "./timed_data.ts";

/** The tracks of ID3 tags that go along with a rendition's parts, and the track whose parts say when. */
export interface EventSource {
  readonly id3: readonly TrackView[];
  readonly lead: TrackView;
}

/** A series of events, as manifests announce it. */
export interface EventSeries {
  readonly scheme: string;
  readonly value: string;
}

/** The events that are made of a track: a series of its own, so that the frames' numbers are theirs. */
export function seriesOf({ id }: TrackView): EventSeries {
  return { scheme: ID3_EVENTS, value: String(id) };
}

/** One event, its object used again. */
interface Event extends EventMessage {
  series: Uint8Array;
  timescale: number;
  time: number;
  id: number;
  data: Uint8Array;
}

/** ID3 tags of a stream as event messages of the parts during which they came. */
export class PartEvents {
  readonly #source: () => EventSource | undefined;
  readonly #record: FrameRecord = makeFrameRecord();
  readonly #followed = new Map<TrackView, TimedData>();
  readonly #series = new Map<TrackView, Uint8Array>();
  readonly #pool: Event[] = [];
  readonly #events: Event[] = [];
  #lead: TrackView | undefined;

  /** `source` is asked for each part: tracks come when they come. */
  constructor(source: () => EventSource | undefined) {
    this.#source = source;
  }

  /** What {@link load} found. */
  get events(): readonly EventMessage[] {
    return this.#events;
  }

  /** Collects the events of a part, their times in ticks of `timescale`; false when some are gone. */
  load(msn: number, part: number, timescale: number): boolean {
    this.#events.length = 0;
    const source = this.#source();
    if (source === undefined) return true;
    if (source.lead !== this.#lead) this.#followed.clear();
    this.#lead = source.lead;
    return source.id3.every((view) =>
      this.#follow(view).read(msn, part, this.#record, (record) => this.#add(view, record, timescale))
    );
  }

  /** The proof, after what was found was copied. */
  intact(): boolean {
    for (const data of this.#followed.values()) if (!data.intact()) return false;
    return true;
  }

  #follow(view: TrackView): TimedData {
    let data = this.#followed.get(view);
    if (data === undefined) {
      data = new TimedData(view, this.#lead as TrackView);
      this.#followed.set(view, data);
    }
    return data;
  }

  #add(view: TrackView, record: FrameRecord, timescale: number): void {
    const track = view.track(record.configVersion)?.track;
    if (track?.codec !== "id3" || record.size === 0) return;
    const n = this.#events.length;
    const event = this.#pool[n] ??= {
      series: record.data,
      timescale,
      time: 0,
      duration: EVENT_OPEN,
      id: 0,
      data: record.data,
    };
    event.series = this.#encodedSeries(view);
    event.timescale = timescale;
    event.time = Math.max(0, Math.round(((record.dts + record.ptsOffset) / track.timescale) * timescale));
    event.id = record.sequence;
    event.data = record.data;
    this.#events.push(event);
  }

  #encodedSeries(view: TrackView): Uint8Array {
    let encoded = this.#series.get(view);
    if (encoded === undefined) {
      const { scheme, value } = seriesOf(view);
      this.#series.set(view, encoded = encodeEventSeries(scheme, value));
    }
    return encoded;
  }
}
