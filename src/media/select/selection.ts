import { type SelectableTrack, type SelectionKind, selectionKind } from "./selectable_track.ts";
import { parseSelector, type Selector } from "./selector.ts";

/** Longest selector, characters, and most items in it. */
export const SELECTOR_MAX = 256;
export const SELECTOR_ITEMS_MAX = 32;

interface Step {
  readonly how: "add" | "narrow" | "remove";
  readonly selector: Selector;
}

/** Which tracks are wanted, as a viewer, a push or a process says it. Kinds not in it are not spoken of. */
export type Selection = { readonly [kind in SelectionKind | "track"]?: readonly Step[] };

export interface SelectOptions {
  /** What the output can carry; nothing else is ever selected. */
  playable(track: SelectableTrack): boolean;
  /** Kinds that are given without being asked for; video and audio when left out. */
  readonly kinds?: readonly SelectionKind[];
  /** All tracks of a kind that was not spoken of, instead of its first. */
  readonly several?: boolean;
}

const KINDS: readonly SelectionKind[] = ["video", "audio", "subtitle", "meta"];

/** `audio=`, `video=`, `subtitle=`, `meta=` and `track=`, which speaks of tracks of every kind. */
export const SELECTION_PARAMETERS: readonly (SelectionKind | "track")[] = [...KINDS, "track"];

/**
 * Reads the selectors among the parameters of an address: comma lists that are evaluated from left to right. A plain
 * item adds tracks, `|item` narrows what there is to it, `!item` takes it away; a list that begins with either begins
 * with all tracks. An empty parameter is one that was not given.
 */
export function parseSelection(
  parameter: (name: string) => string | undefined,
): Selection | { readonly error: string } {
  const selection: { [kind in SelectionKind | "track"]?: readonly Step[] } = {};
  for (const kind of SELECTION_PARAMETERS) {
    const text = parameter(kind);
    if (text === undefined || text.trim() === "") continue;
    const steps = parseSteps(text);
    if (typeof steps === "string") return { error: `${kind}: ${steps}` };
    selection[kind] = steps;
  }
  return selection;
}

/** True for what {@link parseSelection} could not read. */
export function isBadSelection(parsed: object): parsed is { readonly error: string } {
  return "error" in parsed;
}

function parseSteps(text: string): readonly Step[] | string {
  if (text.length > SELECTOR_MAX) return `longer than ${SELECTOR_MAX} characters`;
  const items = text.split(",");
  if (items.length > SELECTOR_ITEMS_MAX) return `more than ${SELECTOR_ITEMS_MAX} items`;
  const steps: Step[] = [];
  for (const given of items) {
    const item = given.trim();
    const how = item.startsWith("|") ? "narrow" : item.startsWith("!") ? "remove" : "add";
    const selector = parseSelector(how === "add" ? item : item.slice(1).trim());
    if (selector === undefined) return `cannot read "${item}"`;
    if (steps.length === 0 && how !== "add") steps.push({ how: "add", selector: (tracks) => tracks });
    steps.push({ how, selector });
  }
  return steps;
}

/**
 * The tracks that a selection means, without repetition, in the order of `tracks` (its first is the one to prefer).
 * With `track=` only what is spoken of is selected; else a kind that is not spoken of gives its default.
 */
export function selectTracks(
  tracks: readonly SelectableTrack[],
  selection: Selection,
  { playable, kinds = ["video", "audio"], several = false }: SelectOptions,
): readonly SelectableTrack[] {
  const possible = tracks.filter((track) => playable(track));
  const chosen = new Set<SelectableTrack>(
    selection.track === undefined ? [] : follow(selection.track, possible),
  );
  for (const kind of KINDS) {
    const ofKind = possible.filter((t) => selectionKind(t.track) === kind);
    const steps = selection[kind];
    if (steps !== undefined) { for (const track of follow(steps, ofKind)) chosen.add(track); }
    else if (selection.track === undefined && kinds.includes(kind)) {
      for (const track of several ? ofKind : ofKind.slice(0, 1)) chosen.add(track);
    }
  }
  return tracks.filter((track) => chosen.has(track));
}

function follow(steps: readonly Step[], tracks: readonly SelectableTrack[]): ReadonlySet<SelectableTrack> {
  let chosen = new Set<SelectableTrack>();
  for (const { how, selector } of steps) {
    if (how === "add") { for (const track of selector(tracks)) chosen.add(track); }
    else {
      const meant = new Set(selector(tracks.filter((track) => chosen.has(track))));
      chosen = new Set([...chosen].filter((track) => meant.has(track) === (how === "narrow")));
    }
  }
  return chosen;
}
