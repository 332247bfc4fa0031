import type { ClientInfo } from "./public_address.ts";

/** What a request carries through the router beside itself. */
export interface HttpBindings {
  /** `remote` is the client's address, also behind a proxy. */
  readonly Bindings: ClientInfo;
}
