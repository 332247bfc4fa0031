import { MASK, maskUrl } from "../../base/mask_url.ts";
import { printPath } from "../key_path.ts";
import type { LoadedFile } from "../load.ts";
import type { TextEdit } from "./edit_text.ts";
import {
  isPlainMap,
  nestPlain,
  type Plain,
  plainField,
  type PlainMap,
  plainTree,
  samePlain,
} from "./plain.ts";

/** A key of the whole configuration: its new value, or undefined to remove it. */
export type KeyEdit = TextEdit;

/** Where a key goes that no file has yet. */
export interface NewPlace {
  readonly path: string;
  /** As in {@link LoadedFile}. */
  readonly top: readonly string[];
  /** Undefined: the file is made. */
  readonly text: string | undefined;
}

/** The edits of each file, and what the files are to say together. */
export interface EditPlan {
  readonly files: ReadonlyMap<string, { readonly text: string | undefined; readonly edits: TextEdit[] }>;
  /** Keys that are given a value. */
  readonly set: readonly (readonly string[])[];
}

/** An edit that cannot be made; the message says why. */
export class EditRefused extends Error {}

interface Layer {
  readonly file: LoadedFile;
  /** From the top of the configuration. */
  readonly plain: Plain;
  readonly expanded: Plain;
}

/**
 * Decides which file each edit belongs to. A mapping is compared key by key, so that only what differs is written, and
 * each key to the file that it came from. A key that several files give is changed in the last one, which wins, and
 * removed from all. Values that say the same after `${ENV}`, `!file` or masking are left as they are written.
 */
export class EditPlanner {
  readonly #layers: readonly Layer[];
  readonly #placeNew: (path: readonly string[]) => Promise<NewPlace>;
  readonly #files = new Map<
    string,
    { text: string | undefined; top: readonly string[]; edits: TextEdit[] }
  >();
  readonly #set: (readonly string[])[] = [];

  /** `files` in the order of loading. `placeNew` chooses the file of a key whose section holds nothing of it. */
  constructor(files: readonly LoadedFile[], placeNew: (path: readonly string[]) => Promise<NewPlace>) {
    this.#layers = files.map((file) => ({
      file,
      plain: nestPlain(file.top, plainTree(file.tree) ?? {}),
      expanded: nestPlain(file.top, plainTree(file.expanded) ?? {}),
    }));
    this.#placeNew = placeNew;
  }

  /** Plans all edits, in order. Rejects with {@link EditRefused}. */
  async plan(edits: readonly KeyEdit[]): Promise<EditPlan> {
    for (const { path, value } of edits) {
      if (path.length === 0 || path.some((key) => key === "")) {
        throw new EditRefused("expected the path of a key");
      }
      if (path[0] === "include") throw new EditRefused("include is changed by hand only");
      if (value === undefined) this.#remove(path);
      else await this.#give(path, value);
    }
    return { files: this.#files, set: this.#set };
  }

  async #give(path: readonly string[], value: Plain): Promise<void> {
    const now = this.#merged("plain", path);
    if (isPlainMap(value) && isPlainMap(now)) {
      for (const key of Object.keys(now)) if (!Object.hasOwn(value, key)) this.#remove([...path, key]);
      for (const [key, item] of Object.entries(value)) await this.#give([...path, key], item);
      return;
    }
    if (this.#saysSame(path, value)) return;
    this.#set.push(path);
    const holder = this.#holders(path).at(-1) ?? this.#home(path);
    const place = holder === undefined ? await this.#placeNew(path) : holder.file;
    this.#edit(place, path, value);
  }

  #remove(path: readonly string[]): void {
    const holders = this.#holders(path);
    const planned = [...this.#files.values()].some((f) =>
      f.edits.some((e) => samePath([...f.top, ...e.path], path))
    );
    if (holders.length === 0 && !planned) throw new EditRefused(`${printPath(path)} is not set in any file`);
    for (const { file } of holders) this.#edit(file, path, undefined);
  }

  #edit(place: NewPlace | LoadedFile, path: readonly string[], value: Plain | undefined): void {
    let of = this.#files.get(place.path);
    if (of === undefined) this.#files.set(place.path, of = { text: place.text, top: place.top, edits: [] });
    const inner = path.slice(place.top.length);
    if (inner.length > 0) {
      of.edits.push({ path: inner, value });
      return;
    }
    // the file is the section: its keys one by one
    const keys = isPlainMap(value)
      ? Object.entries(value)
      : this.#keysOf(place.path, path).map((key) => [key, undefined] as const);
    for (const [key, item] of keys) of.edits.push({ path: [key], value: item });
  }

  #keysOf(file: string, path: readonly string[]): string[] {
    const value = at(this.#layers.find((layer) => layer.file.path === file)?.plain, path);
    return isPlainMap(value) ? Object.keys(value) : [];
  }

  #holders(path: readonly string[]): Layer[] {
    return this.#layers.filter((layer) =>
      at(layer.plain, path) !== undefined && path.length >= layer.file.top.length
    );
  }

  /** The last file that has the mapping that a new key belongs to; the section itself has `placeNew`'s rules. */
  #home(path: readonly string[]): Layer | undefined {
    for (let length = path.length - 1; length >= 2; length--) {
      const holder = this.#layers.findLast((layer) => isPlainMap(at(layer.plain, path.slice(0, length))));
      if (holder !== undefined) return holder;
    }
    return undefined;
  }

  #saysSame(path: readonly string[], value: Plain): boolean {
    if (samePlain(this.#merged("plain", path), value)) return this.#holders(path).length > 0;
    const expanded = this.#merged("expanded", path);
    if (expanded === undefined || typeof value !== "string" || typeof expanded === "object") return false;
    return value === String(expanded) || value === MASK || value === maskUrl(String(expanded));
  }

  #merged(which: "plain" | "expanded", path: readonly string[]): Plain | undefined {
    return this.#layers.map((layer) => at(layer[which], path)).reduce(layOver, undefined);
  }
}

function layOver(under: Plain | undefined, over: Plain | undefined): Plain | undefined {
  if (over === undefined) return under;
  if (!isPlainMap(under) || !isPlainMap(over)) return over;
  const keys = [...new Set([...Object.keys(under), ...Object.keys(over)])];
  return Object.fromEntries(
    keys.map((key) => [key, layOver(plainField(under, key), plainField(over, key))]),
  ) as PlainMap;
}

function at(root: Plain | undefined, path: readonly string[]): Plain | undefined {
  return path.reduce<Plain | undefined>(plainField, root);
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i]);
}

/** What files say together, `${ENV}` and `!file` as written. */
export function mergedPlain(files: readonly LoadedFile[]): Plain | undefined {
  return files.map((file) => nestPlain(file.top, plainTree(file.tree) ?? {})).reduce<Plain | undefined>(
    layOver,
    undefined,
  );
}

/** Whether files say what an edit wanted. */
export function holdsEdit(merged: Plain | undefined, { path, value }: KeyEdit): boolean {
  return value === undefined ? at(merged, path) === undefined : samePlain(at(merged, path), value);
}
