import type { ConfigError } from "../../config/config_error.ts";
import { CannotEdit, editText } from "../../config/edit/edit_text.ts";
import { type Plain, plainValue } from "../../config/edit/plain.ts";
import {
  EditPlanner,
  EditRefused,
  holdsEdit,
  type KeyEdit,
  mergedPlain,
} from "../../config/edit/plan_edits.ts";
import type { ConfigStore } from "../../config/files.ts";
import { printPath } from "../../config/key_path.ts";
import { loadConfig, type LoadedConfig, type LoadRequest } from "../../config/load.ts";
import type { Config } from "../../config/sections/table.ts";
import type { ConfigEdit } from "./config_keeper.ts";
import { placeNew } from "./new_place.ts";
import { PlannedFiles, type ReadRecord, RecordingFiles } from "./read_record.ts";

/** How often it starts over when somebody else saves at the same time. */
const TRIES = 5;

export type Saved =
  | {
    readonly ok: true;
    readonly config: Config;
    readonly loaded: LoadedConfig;
    readonly record: ReadRecord;
    readonly written: readonly string[];
  }
  | { readonly ok: false; readonly reason: string; readonly errors: readonly ConfigError[] };

/** A file to write: what it must still be, and what it is to become. */
interface Writing {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * Makes edits in the files that they belong to: all, or none. What is on the disk is read first, so what others saved
 * meanwhile is kept; a file that changes between reading and writing makes it start over. The result is loaded
 * before anything is written. Rejects never.
 */
export async function saveEdits(
  store: ConfigStore,
  request: LoadRequest,
  edits: readonly ConfigEdit[],
): Promise<Saved> {
  try {
    const wanted = edits.map(({ path, value }) => ({ path, value: readValue(path, value) }));
    for (let n = 0; n < TRIES; n++) {
      const saved = await saveOnce(store, request, wanted);
      if (saved !== undefined) return saved;
    }
    return refused("the files keep changing on the disk: try again");
  } catch (failure) {
    if (failure instanceof EditRefused || failure instanceof CannotEdit) return refused(failure.message);
    return refused(`nothing was changed: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
}

/** Undefined when a file changed meanwhile. */
async function saveOnce(
  store: ConfigStore,
  request: LoadRequest,
  edits: readonly KeyEdit[],
): Promise<Saved | undefined> {
  const { files, errors, config: onDisk } = await loadConfig(store, request);
  if (onDisk === undefined) return refused("the files on the disk are faulty: mend them first", errors);
  const planner = new EditPlanner(files, (path) => placeNew(store, request.path, files, path));
  const plan = await planner.plan(edits);
  const writings: Writing[] = [...plan.files].filter(([, { edits }]) => edits.length > 0)
    .map(([path, { text, edits }]) => ({ path, before: text, after: editText(path, text ?? "", edits) }));
  for (const { path } of writings) {
    const why = await store.whyReadOnly(path);
    if (why !== undefined) return refused(why);
  }
  const planned = new PlannedFiles(store, new Map(writings.map((w) => [w.path, w.after])));
  const record = new RecordingFiles(planned);
  const loaded = await loadConfig(record, request);
  const { config } = loaded;
  if (config === undefined) {
    return refused(loaded.errors[0]?.message ?? "the change is not valid", loaded.errors);
  }
  const outside = decidedOutside(loaded, request, plan.set);
  if (outside !== undefined) return refused(outside);
  if (writings.length > 0) {
    const merged = mergedPlain(loaded.files);
    const lost = edits.find((edit) => edit.value === undefined && !holdsEdit(merged, edit)) ??
      plan.set.map((path) => ({ path, value: valueAt(edits, path) })).find((edit) =>
        !holdsEdit(merged, edit)
      );
    if (lost !== undefined) {
      return refused(`${printPath(lost.path)} cannot be changed in these files: edit them by hand`);
    }
    if (!await writeAll(store, writings)) return undefined;
  }
  return { ok: true, config, loaded, record, written: writings.map((w) => w.path) };
}

/** Writes all files or none. False when one of them is not any more what it was when it was read. */
async function writeAll(store: ConfigStore, writings: readonly Writing[]): Promise<boolean> {
  const done: Writing[] = [];
  for (const writing of writings) {
    try {
      if (!await store.replace(writing.path, writing.before, writing.after)) {
        await undo(store, done);
        return false;
      }
    } catch (failure) {
      await undo(store, done);
      const why = failure instanceof Error ? failure.message : String(failure);
      throw new EditRefused(`nothing was changed: Cannot write ${writing.path}: ${why}`);
    }
    done.push(writing);
  }
  return true;
}

/** Puts files back. Where that fails too, as on a disk that is full now, the refusal names what stayed changed. */
async function undo(store: ConfigStore, done: readonly Writing[]): Promise<void> {
  const stayed: string[] = [];
  for (const { path, before, after } of done.toReversed()) {
    try {
      if (before === undefined) await store.remove(path);
      else if (!await store.replace(path, after, before)) stayed.push(`${path} (changed by somebody else)`);
    } catch (failure) {
      stayed.push(`${path} (${failure instanceof Error ? failure.message : String(failure)})`);
    }
  }
  if (stayed.length > 0) {
    throw new EditRefused(`saved in part only, these files could not be put back: ${stayed.join(", ")}`);
  }
}

/** Says so when the environment or the command line decides a key that was given a value. */
function decidedOutside(
  loaded: LoadedConfig,
  request: LoadRequest,
  set: readonly (readonly string[])[],
): string | undefined {
  const flags = new Set((request.overrides ?? []).map((override) => override.from));
  for (const path of set) {
    const shown = printPath(path);
    const found = loaded.decided.find((value) =>
      (printPath(value.path) === shown || printPath(value.path).startsWith(`${shown}.`)) &&
      (flags.has(value.origin) || Object.hasOwn(request.environment, value.origin))
    );
    if (found !== undefined) {
      return `${printPath(found.path)} is decided by ${found.origin}: a change would have no effect`;
    }
  }
  return undefined;
}

function valueAt(edits: readonly KeyEdit[], path: readonly string[]): Plain | undefined {
  const edit = edits.findLast((e) =>
    e.path.length <= path.length && e.path.every((key, i) => key === path[i])
  );
  let value = edit?.value;
  for (const key of path.slice(edit?.path.length ?? 0)) {
    value = typeof value === "object" && !Array.isArray(value)
      ? (value as Record<string, Plain>)[key]
      : undefined;
  }
  return value;
}

function readValue(path: readonly string[], value: unknown): Plain | undefined {
  try {
    return plainValue(value);
  } catch (failure) {
    throw new EditRefused(
      `${printPath(path)}: ${failure instanceof Error ? failure.message : String(failure)}`,
    );
  }
}

function refused(reason: string, errors: readonly ConfigError[] = []): Saved {
  return { ok: false, reason, errors };
}
