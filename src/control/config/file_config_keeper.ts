import type { Log } from "../../base/log.ts";
import type { DecidedValue } from "../../config/config_error.ts";
import { type ConfigChange, diffConfigs } from "../../config/diff.ts";
import type { ConfigStore } from "../../config/files.ts";
import { loadConfig, type LoadedConfig, type LoadRequest } from "../../config/load.ts";
import type { Config } from "../../config/sections/table.ts";
import type {
  ChangeAnswer,
  ChangeListener,
  ConfigEdit,
  ConfigKeeper,
  ReloadAnswer,
} from "./config_keeper.ts";
import { describeChange, isSame } from "./describe_change.ts";
import { type ReadRecord, RecordingFiles } from "./read_record.ts";
import { saveEdits } from "./save_edits.ts";

/** Errors that one refusal prints; the rest are counted. */
const ERRORS_SHOWN = 20;

export interface KeeperOptions {
  readonly store: ConfigStore;
  readonly request: LoadRequest;
  readonly log: Log;
}

/** Keeps what the files, the environment and the command line say. Holds no text of files between changes. */
export class FileConfigKeeper implements ConfigKeeper {
  readonly #o: KeeperOptions;
  readonly #listeners: ChangeListener[] = [];
  #current: Config;
  #decided: readonly DecidedValue[];
  #record: ReadRecord;
  /** What was read last was refused. */
  #refused = false;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: KeeperOptions, config: Config, loaded: LoadedConfig, record: ReadRecord) {
    this.#o = options;
    this.#current = config;
    this.#decided = loaded.decided;
    this.#record = record;
  }

  /** Loads for the first time; the keeper is undefined where that finds errors, which are in `loaded`. */
  static async open(
    options: KeeperOptions,
  ): Promise<{ readonly keeper: FileConfigKeeper | undefined; readonly loaded: LoadedConfig }> {
    const record = new RecordingFiles(options.store);
    const loaded = await loadConfig(record, options.request);
    const keeper = loaded.config && new FileConfigKeeper(options, loaded.config, loaded, record);
    return { keeper, loaded };
  }

  get current(): Config {
    return this.#current;
  }

  get decided(): readonly DecidedValue[] {
    return this.#decided;
  }

  /** What was read last, good or faulty: what to watch. */
  get watched(): ReadRecord {
    return this.#record;
  }

  onChange(run: ChangeListener): void {
    this.#listeners.push(run);
  }

  reload(why: string): Promise<ReloadAnswer> {
    return this.#inTurn(async () => {
      const record = new RecordingFiles(this.#o.store);
      const loaded = await loadConfig(record, this.#o.request);
      this.#record = record;
      for (const warning of loaded.warnings) this.#o.log.warn(warning.message);
      if (loaded.config === undefined) {
        this.#refused = true;
        this.#sayErrors(`configuration refused (${why}), the running one stays`, loaded);
        return { ok: false, errors: loaded.errors };
      }
      return { ok: true, change: await this.#apply(why, loaded.config, loaded.decided) };
    });
  }

  change(edits: readonly ConfigEdit[]): Promise<ChangeAnswer> {
    return this.#inTurn(async () => {
      const saved = await saveEdits(this.#o.store, this.#o.request, edits);
      if (!saved.ok) {
        this.#o.log.warn(`a change of the configuration was refused: ${saved.reason}`);
        return saved;
      }
      const { config, loaded, record, written } = saved;
      this.#record = record;
      const why = written.length === 0 ? "nothing to write" : `saved to ${written.join(", ")}`;
      return { ok: true, change: await this.#apply(why, config, loaded.decided), written };
    });
  }

  async #apply(why: string, after: Config, decided: readonly DecidedValue[]): Promise<ConfigChange> {
    const change = diffConfigs(this.#current, after);
    this.#decided = decided;
    const mended = this.#refused;
    this.#refused = false;
    if (isSame(change)) {
      if (mended) this.#o.log.info(`configuration is right again (${why}): it says what runs`);
      else this.#o.log.debug(`configuration read again (${why}): nothing differs`);
      return change;
    }
    this.#current = after;
    this.#o.log.info(`configuration changed (${why}): ${describeChange(change)}`);
    for (const run of this.#listeners) {
      try {
        await run(after, change);
      } catch (failure) {
        const what = failure instanceof Error ? failure.message : String(failure);
        this.#o.log.error(`a part of the new configuration could not be applied: ${what}`);
      }
    }
    return change;
  }

  #sayErrors(what: string, { errors, unsaidErrors }: LoadedConfig): void {
    const more = Math.max(0, errors.length - ERRORS_SHOWN) + unsaidErrors;
    this.#o.log.error(`${what}${more > 0 ? `; ${more} errors more than these` : ""}`);
    for (const error of errors.slice(0, ERRORS_SHOWN)) this.#o.log.error(error.message);
  }

  /** Runs after everything that was asked for before. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run);
    this.#turn = turn.catch((_failure: unknown): undefined => undefined);
    return turn;
  }
}
