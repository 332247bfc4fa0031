/** Why a scope ended, when it was not simply closed. */
export class ScopeClosed extends Error {
  constructor(readonly why: unknown) {
    super(
      why === undefined
        ? "scope closed"
        : `scope closed because ${why instanceof Error ? why.message : String(why)}`,
    );
  }
}

/**
 * A lifetime. It closes what it opened, last first, once. `signal` aborts when closing begins, so that waits end;
 * then the deferred closers run one after the other, each awaited, and a failing one does not keep the others from
 * running: the first failure is thrown by `close` at the end.
 */
export class Scope {
  readonly #abort = new AbortController();
  readonly #closers: (() => void | Promise<void>)[] = [];
  #closing: Promise<void> | undefined;

  /** Aborted when closing begins; its reason is what `close` was given. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get closed(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Runs `closer` when the scope closes; at once when it is closed already. */
  defer(closer: () => void | Promise<void>): void {
    if (this.closed) void closer();
    else this.#closers.push(closer);
  }

  /** A scope that closes with this one, and may close earlier. */
  child(): Scope {
    const child = new Scope();
    if (this.closed) {
      void child.close(this.signal.reason);
      return child;
    }
    const closer = () => child.close(this.signal.reason);
    this.#closers.push(closer);
    child.#closers.push(() => {
      const at = this.#closers.indexOf(closer);
      if (at >= 0) this.#closers.splice(at, 1);
    });
    return child;
  }

  /** Throws {@link ScopeClosed} when the scope is closed. */
  check(): void {
    if (this.closed) throw new ScopeClosed(this.signal.reason);
  }

  /** Resolves when closing begins. */
  ended(): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => this.signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  /** Waits for `promise`, or rejects with {@link ScopeClosed} as soon as the scope closes. */
  race<T>(promise: Promise<T>): Promise<T> {
    if (this.closed) {
      promise.catch(() => undefined);
      return Promise.reject(new ScopeClosed(this.signal.reason));
    }
    return new Promise((resolve, reject) => {
      const stop = () => reject(new ScopeClosed(this.signal.reason));
      this.signal.addEventListener("abort", stop, { once: true });
      promise.then(resolve, reject).finally(() => this.signal.removeEventListener("abort", stop));
    });
  }

  /** Closes once; later calls answer the same promise. */
  close(why?: unknown): Promise<void> {
    this.#closing ??= this.#run(why);
    return this.#closing;
  }

  async #run(why: unknown): Promise<void> {
    this.#abort.abort(why);
    const failures: unknown[] = [];
    for (;;) {
      const closer = this.#closers.pop();
      if (closer === undefined) break;
      try {
        await closer();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
