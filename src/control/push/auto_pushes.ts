import { ruleHolds } from "../../config/push_rule.ts";
import { type AutoPush, isPushedStream, type PushConfig } from "../../config/sections/push.ts";

/** A push that ran this long begins with the shortest wait again. */
const HEALTHY_MILLIS = 30_000;
/** The wait of a push that is lost again and again grows to so many times the configured one. */
const WAIT_FACTOR_MAX = 16;

/** How things are when conditions are looked at. */
export interface AutoPushFacts {
  /** Monotonic milliseconds. */
  readonly now: number;
  readonly unixSeconds: number;
  /** Streams whose sources send. */
  readonly streams: readonly string[];
  tags(stream: string): readonly string[];
  readonly running: readonly {
    readonly id: number;
    readonly stream: string;
    readonly auto: string | undefined;
    readonly stopping: boolean;
  }[];
  /** A variable's value for a stream; empty where there is none. */
  variable(stream: string, name: string): string;
}

export interface AutoPushStep {
  readonly start: readonly { readonly stream: string; readonly push: AutoPush }[];
  /** Numbers of pushes. */
  readonly stop: readonly number[];
}

interface Past {
  /** Not before; Infinity: not again. */
  notBefore: number;
  waits: number;
  /** It sent all that it was asked for: not again until its stream has been away. */
  complete: boolean;
}

/** Decides, once a second, which automatic pushes start and which stop. */
export class AutoPushes {
  /** What became of earlier ones, by push and stream. */
  readonly #past = new Map<string, Past>();
  readonly #targets = new Map<string, string>();
  #config: PushConfig | undefined;

  step(config: PushConfig, facts: AutoPushFacts): AutoPushStep {
    if (config !== this.#config) this.#configured(config);
    for (const [key, { complete }] of this.#past) {
      if (complete && !facts.streams.includes(key.slice(key.indexOf("\n") + 1))) this.#past.delete(key);
    }
    const stop = facts.running.filter((r) =>
      r.auto !== undefined && !r.stopping && this.#isOver(config, r, facts)
    );
    const start: { stream: string; push: AutoPush }[] = [];
    for (const push of config.auto.values()) {
      for (const stream of facts.streams) {
        if (!this.#mayStart(push, stream, facts)) continue;
        if (config.maxSpeed > 0 && start.length >= config.maxSpeed) continue;
        start.push({ stream, push });
        this.started(push, stream);
      }
    }
    return { start, stop: stop.map((r) => r.id) };
  }

  /**
   * A push ended by itself after `lived` milliseconds; answers how long until it may start again, undefined where it will
   * not.
   */
  ended(
    name: string,
    stream: string,
    config: PushConfig,
    now: number,
    lived: number,
    refused: boolean,
  ): number | undefined {
    const past = this.#pastOf(name, stream);
    if (past.notBefore === Infinity) return undefined;
    if (config.waitMillis === 0) {
      past.notBefore = Infinity;
      return undefined;
    }
    past.waits = lived >= HEALTHY_MILLIS ? 1 : Math.min(WAIT_FACTOR_MAX, Math.max(1, past.waits * 2));
    if (refused) past.waits = WAIT_FACTOR_MAX;
    const wait = config.waitMillis * past.waits;
    past.notBefore = now + wait;
    return wait;
  }

  /** A push runs: one of a {@link step}, or one that another server had started. */
  started(push: AutoPush, stream: string): void {
    this.#targets.set(push.name, push.target);
    // without an end it is meant once
    if (push.scheduleTime > 0 && push.completeTime === 0) {
      this.#pastOf(push.name, stream).notBefore = Infinity;
    }
  }

  /** A push sent all that its target asks for. */
  completed(name: string, stream: string): void {
    const past = this.#pastOf(name, stream);
    // one that is meant once stays so
    if (past.notBefore !== Infinity) past.complete = true;
    past.notBefore = Infinity;
  }

  /** What was lost may be tried again at once when its push is another now, or the wait. */
  #configured(config: PushConfig): void {
    const waitChanged = this.#config !== undefined && this.#config.waitMillis !== config.waitMillis;
    this.#config = config;
    for (const key of this.#past.keys()) {
      const name = key.slice(0, key.indexOf("\n"));
      if (waitChanged || config.auto.get(name)?.target !== this.#targets.get(name)) this.#past.delete(key);
    }
  }

  #isOver(
    config: PushConfig,
    running: { readonly stream: string; readonly auto: string | undefined },
    facts: AutoPushFacts,
  ): boolean {
    const push = config.auto.get(running.auto ?? "");
    if (push === undefined || push.target !== this.#targets.get(push.name)) return true;
    if (!isPushedStream(push.stream, running.stream, facts.tags(running.stream))) return true;
    if (push.completeTime > 0 && facts.unixSeconds >= push.completeTime) return true;
    return push.endRule !== undefined &&
      ruleHolds(push.endRule, (name) => facts.variable(running.stream, name));
  }

  #mayStart(push: AutoPush, stream: string, facts: AutoPushFacts): boolean {
    const tags = facts.tags(stream);
    if (!isPushedStream(push.stream, stream, tags)) return false;
    if (facts.unixSeconds < push.scheduleTime) return false;
    if (push.completeTime > 0 && facts.unixSeconds >= push.completeTime) return false;
    if (push.inhibit.some((pattern) => isPushedStream(pattern, stream, tags))) return false;
    if (facts.running.some((r) => r.auto === push.name && r.stream === stream)) return false;
    if ((this.#past.get(keyOf(push.name, stream))?.notBefore ?? 0) > facts.now) return false;
    const value = (name: string) => facts.variable(stream, name);
    if (push.endRule !== undefined && ruleHolds(push.endRule, value)) return false;
    return push.startRule === undefined || ruleHolds(push.startRule, value);
  }

  #pastOf(name: string, stream: string): Past {
    const key = keyOf(name, stream);
    let past = this.#past.get(key);
    if (past === undefined) this.#past.set(key, past = { notBefore: 0, waits: 0, complete: false });
    return past;
  }
}

function keyOf(name: string, stream: string): string {
  return `${name}\n${stream}`;
}
