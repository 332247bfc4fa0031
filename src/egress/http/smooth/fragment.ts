import { encodeLiveBoxes, type FragmentTime } from "../../../wire/protocol/smooth/live_boxes.ts";
import { Mp4Parts } from "../segments/mp4_parts.ts";
import type { Rendition } from "../segments/rendition.ts";
import type { RenditionSegment } from "../segments/rendition_segment.ts";

/** Fragments that are kept for each track: viewers of a live stream all want the newest ones. */
const KEPT = 4;

const MADE = new WeakMap<Rendition, Map<number, Uint8Array<ArrayBuffer>>>();

/**
 * A complete segment of a track in the form of Smooth Streaming: one movie fragment, with its own time and that of the
 * next, which must be complete as well. The same bytes from every worker. Undefined when some of it is gone.
 */
export function smoothFragment(rendition: Rendition, segment: RenditionSegment): Uint8Array | undefined {
  let made = MADE.get(rendition);
  if (made === undefined) MADE.set(rendition, made = new Map());
  const known = made.get(segment.msn);
  if (known !== undefined) return known;
  const { format } = rendition;
  const { times } = segment;
  if (!(format instanceof Mp4Parts) || times === undefined) return undefined;
  const next = rendition.segments.find((s) => s.msn === segment.msn + 1);
  const follows: FragmentTime[] = next?.times === undefined || !next.closed ? [] : [next.times];
  const bytes = format.whole(
    segment.msn,
    segment.parts.length,
    segment.versions,
    encodeLiveBoxes(times, follows),
  );
  if (bytes === undefined) return undefined;
  made.set(segment.msn, bytes);
  for (const msn of made.keys()) {
    if (made.size <= KEPT) break;
    made.delete(msn);
  }
  return bytes;
}
