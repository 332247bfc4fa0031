import { expect, test } from "bun:test";
import { SOURCES } from "../../src/ingest/sources.ts";

for (const { descriptor, load } of SOURCES) {
  test(`what is loaded for ${descriptor.name} is what its descriptor describes`, async () => {
    expect((await load()).descriptor).toBe(descriptor);
  });
}
