import { expect, test } from "bun:test";
import { readProject } from "./architecture/read_files.ts";
import {
  badNames,
  hiddenFaults,
  importCycles,
  impureWire,
  longFiles,
  missingReadmes,
  runtimeOutsideHost,
  undocumentedWorkers,
  untestedDecoders,
  wrongImports,
} from "./architecture/rules.ts";

const files = readProject();

test("the project was found", () => {
  expect(files.has("src/base/bytes.ts")).toBe(true);
  expect(files.has("tests/architecture_test.ts")).toBe(true);
});

test("imports point the way that DESIGN.md says", () => expect(wrongImports(files)).toEqual([]));
test("only host/ names the runtime", () => expect(runtimeOutsideHost(files)).toEqual([]));
test("wire/ is pure", () => expect(impureWire(files)).toEqual([]));
test("nothing hides a fault", () => expect(hiddenFaults(files)).toEqual([]));
test("no file is longer than 400 lines", () => expect(longFiles(files)).toEqual([]));
test("files have names that say something", () => expect(badNames(files)).toEqual([]));
test("every folder of src/ has a README", () => expect(missingReadmes(files)).toEqual([]));
test("every file with a decoder has a test", () => expect(untestedDecoders(files)).toEqual([]));
test("every worker entry point is documented", () => expect(undocumentedWorkers(files)).toEqual([]));
test("no imports go in a circle", () => expect(importCycles(files)).toEqual([]));
