/** A promise, and what resolves it. */
export class Gate {
  open = () => {};
  readonly opened = new Promise<void>((resolve) => this.open = resolve);
}
