/** What a request carries through the router beside itself. */
export interface HttpBindings {
  readonly Bindings: { readonly remote: string };
}
