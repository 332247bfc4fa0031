/** A worker's questions to the controller, until they are answered. */
export class Questions<T> {
  readonly #asked = new Map<number, (answer: T) => void>();
  #next = 0;

  /** Asks with `post`; `heard` takes the answer before the worker's next message does anything. */
  ask(post: (id: number) => void, heard: (answer: T) => void = () => {}): Promise<T> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#asked.set(id, (answer) => {
        heard(answer);
        resolve(answer);
      });
      post(id);
    });
  }

  /** The controller's answer; one to no question is passed over. */
  answer(id: number, answer: T): void {
    this.#asked.get(id)?.(answer);
    this.#asked.delete(id);
  }
}
