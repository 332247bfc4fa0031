import { expect, test } from "bun:test";
import { CannotEdit } from "../../../src/config/edit/edit_text.ts";
import { splitText } from "../../../src/config/edit/split_text.ts";

const split = (path: string, text: string) =>
  Object.fromEntries(splitText(path, text).map((f) => [f.name, f.text]));

test("splitText() gives each section its file, with the comments above it, byte for byte", () => {
  const text = `# The house.
# Kept by hand.

# where viewers come in
http: { listen: ":80" }   # one line

include: { hls: hls.yaml }

# all cameras
streams:
    # the door
    door:
        source:   'rtsp://c/1' # oak

    # yard:
    #   source: rtsp://c/2
# noise
log:
  level: warn
# end
`;
  expect(split("/etc/f.yaml", text)).toEqual({
    "fogcast.yaml": "# The house.\n# Kept by hand.\n\n\ninclude: { hls: hls.yaml }\n",
    "http.yaml": '# where viewers come in\nhttp: { listen: ":80" }   # one line\n',
    "streams.yaml":
      "# all cameras\nstreams:\n    # the door\n    door:\n        source:   'rtsp://c/1' # oak\n\n    # yard:\n    #   source: rtsp://c/2\n",
    "log.yaml": "# noise\nlog:\n  level: warn\n# end\n",
  });
});

test("splitText() keeps sections without keys in the main file", () => {
  expect(split("f.yml", "http:\n  # port: 80\nstreams:\n  a: { source: /x }\n")).toEqual({
    "fogcast.yml": "http:\n  # port: 80\n",
    "streams.yml": "streams:\n  a: { source: /x }\n",
  });
});

test("splitText() takes JSON apart, comments with it", () => {
  const text = `// the box
{
  // viewers
  "http": { "port": 80 }, // plain
  "streams": {
    "a": { "source": "/x" } // one
  }
  // end
}
`;
  expect(split("f.jsonc", text)).toEqual({
    "fogcast.jsonc": "// the box\n{}\n",
    "http.jsonc": '{\n  // viewers\n  "http": { "port": 80 } // plain\n}\n',
    "streams.jsonc": '{\n  "streams": {\n    "a": { "source": "/x" } // one\n  }\n  // end\n}\n',
  });
});

test("splitText() refuses what has no sections, and JSON on one line", () => {
  expect(() => splitText("f.yaml", "# nothing\n")).toThrow(CannotEdit);
  expect(() => splitText("f.json", '{ "http": { "port": 1 }, "log": { "level": "info" } }')).toThrow(
    "f.json: expected each section on a line of its own",
  );
});
