/** What passes between the two sides of a worker, around the messages of its owner. */
export type ToWorker =
  | { readonly kind: "init"; readonly init: unknown; readonly clock: number }
  | { readonly kind: "message"; readonly message: unknown };

export type FromWorker =
  | { readonly kind: "message"; readonly message: unknown }
  | { readonly kind: "failed"; readonly error: string }
  | { readonly kind: "closing" };
