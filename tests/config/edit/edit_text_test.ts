import { expect, test } from "bun:test";
import { CannotEdit, editText, type TextEdit } from "../../../src/config/edit/edit_text.ts";

const FULL = `# Cameras of the house, kept by hand
#   second line

log: {level: info, lines:  500}   # flow

streams:   # by name
    # the door
    front-door:   # oak
        source:   rtsp://u:p@cam/1   # do not lose me
        # idle: 5s
        alwaysOn: yes
    # yard:
    #     source: rtsp://cam/2

    hall:
        source: 'rtsp://cam/3'
        transport: "tcp"
    # last
# end
`;

interface Case {
  readonly name: string;
  readonly text: string;
  readonly edits: readonly TextEdit[];
  readonly after: string;
  readonly file?: string;
}

const cases: readonly Case[] = [
  {
    name: "replaces a plain value, its comment and blanks kept",
    text: FULL,
    edits: [{ path: ["streams", "front-door", "source"], value: "rtsp://u:p@cam/9" }],
    after: FULL.replace("cam/1 ", "cam/9 "),
  },
  {
    name: "keeps single quotes",
    text: FULL,
    edits: [{ path: ["streams", "hall", "source"], value: "rtsp://it's" }],
    after: FULL.replace("'rtsp://cam/3'", "'rtsp://it''s'"),
  },
  {
    name: "keeps double quotes",
    text: FULL,
    edits: [{ path: ["streams", "hall", "transport"], value: "udp" }],
    after: FULL.replace('"tcp"', '"udp"'),
  },
  {
    name: "changes a value inside braces",
    text: FULL,
    edits: [{ path: ["log", "lines"], value: 99 }],
    after: FULL.replace("lines:  500", "lines:  99"),
  },
  {
    name: "adds a key inside braces",
    text: FULL,
    edits: [{ path: ["log", "format"], value: "json" }],
    after: FULL.replace("500}", "500, format: json}"),
  },
  {
    name: "removes the first key inside braces",
    text: FULL,
    edits: [{ path: ["log", "level"], value: undefined }],
    after: FULL.replace("level: info, ", ""),
  },
  {
    name: "removes the last key inside braces",
    text: FULL,
    edits: [{ path: ["log", "lines"], value: undefined }],
    after: FULL.replace(", lines:  500", ""),
  },
  {
    name: "adds a stream behind the last one, indented as the file is",
    text: FULL,
    edits: [{ path: ["streams", "new"], value: { source: "rtsp://cam/4", alwaysOn: true } }],
    after: FULL.replace(
      "    # last\n",
      "    # last\n    new:\n        source: rtsp://cam/4\n        alwaysOn: true\n",
    ),
  },
  {
    name: "adds a key to a stream, behind its last one",
    text: FULL,
    edits: [{ path: ["streams", "front-door", "idle"], value: "10s" }],
    after: FULL.replace("alwaysOn: yes\n", "alwaysOn: yes\n        idle: 10s\n"),
  },
  {
    name: "removes a stream and leaves every comment that is not inside it",
    text: FULL,
    edits: [{ path: ["streams", "hall"], value: undefined }],
    after: FULL.replace(`    hall:\n        source: 'rtsp://cam/3'\n        transport: "tcp"\n`, ""),
  },
  {
    name: "adds a section behind everything",
    text: FULL,
    edits: [{ path: ["http", "port"], value: 80 }],
    after: FULL.replace("    # last\n", "    # last\nhttp:\n    port: 80\n"),
  },
  {
    name: "makes several edits",
    text: "a: 1\nb: 2\n",
    edits: [{ path: ["a"], value: undefined }, { path: ["c"], value: [1, "x, y"] }, {
      path: ["b"],
      value: 3,
    }],
    after: 'b: 3\nc: [1, "x, y"]\n',
  },
  {
    name: "gives a bare key a value, its comment kept",
    text: "streams: # none yet\nlog:\n",
    edits: [{ path: ["streams", "a", "source"], value: "rtsp://c" }, {
      path: ["log", "level"],
      value: "warn",
    }],
    after: "streams: # none yet\n  a:\n    source: rtsp://c\nlog:\n  level: warn\n",
  },
  {
    name: "turns empty braces into lines",
    text: "streams: {} # none yet\nlog: { level: info }\n",
    edits: [{ path: ["streams", "a", "source"], value: "rtsp://c" }],
    after: "streams: # none yet\n  a:\n    source: rtsp://c\nlog: { level: info }\n",
  },
  {
    name: "fills a file that is empty braces",
    text: "# mine\n{}\n",
    edits: [{ path: ["a", "source"], value: "/x" }],
    after: "# mine\na:\n  source: /x\n",
  },
  {
    name: "fills a file of comments",
    text: "# nothing yet",
    edits: [{ path: ["a", "source"], value: "/x" }],
    after: "# nothing yet\na:\n  source: /x\n",
  },
  {
    name: "leaves empty braces where the last key went",
    text: "a: 1\n",
    edits: [{ path: ["a"], value: undefined }],
    after: "{}\n",
  },
  {
    name: "keeps line breaks of Windows",
    text: "a:\r\n  b: 1\r\nc: 2\r\n",
    edits: [{ path: ["a", "d"], value: 1 }],
    after: "a:\r\n  b: 1\r\n  d: 1\r\nc: 2\r\n",
  },
  {
    name: "writes behind a file without a last line break",
    text: "a: 1",
    edits: [{ path: ["b"], value: 2 }],
    after: "a: 1\nb: 2",
  },
  {
    name: "quotes what would be read as something else",
    text: "a: x\n",
    edits: [{ path: ["a"], value: "0123" }, { path: ["b"], value: "a: b # c" }, {
      path: ["c"],
      value: "x\ny",
    }],
    after: `a: "0123"\nb: "a: b # c"\nc: "x\\ny"\n`.replace('"x\\ny"', "|-\n  x\n  y"),
  },
  {
    name: "replaces a list of lines by braces, what follows kept",
    text: "http:\n  listen:\n    - :80\n    - :81 # b\n  # c\n  http2: true\n",
    edits: [{ path: ["http", "listen"], value: [":90"] }],
    after: "http:\n  listen: [:90] # b\n  # c\n  http2: true\n",
  },
  {
    name: "replaces a block text",
    text: "a: |\n  x\n  y\nb: 1\n",
    edits: [{ path: ["a"], value: "z" }],
    after: "a: z\nb: 1\n",
  },
  {
    name: "replaces a reference to a file",
    text: "a: { token: !file key.txt } # t\nb: !file key.txt # u\n",
    edits: [{ path: ["a", "token"], value: "x" }, { path: ["b"], value: "y" }],
    after: "a: { token: x } # t\nb: y # u\n",
  },
  {
    name: "lays a key over one that comes from an anchor",
    text: "x: &base\n  a: 1\n  b: 2\ny:\n  <<: *base\n  c: 3\n",
    edits: [{ path: ["y", "a"], value: 5 }],
    after: "x: &base\n  a: 1\n  b: 2\ny:\n  <<: *base\n  c: 3\n  a: 5\n",
  },
  {
    name: "reads a document with its marker",
    text: "---\na: 1\n",
    edits: [{ path: ["b"], value: 2 }],
    after: "---\na: 1\nb: 2\n",
  },
  {
    name: "adds to JSON on lines, the comment behind the last value kept where it is",
    file: "f.jsonc",
    text: '{\n\t// one\n\t"a": {\n\t\t"b": 1 // why\n\t}\n}\n',
    edits: [{ path: ["a", "c"], value: { d: "x" } }, { path: ["e"], value: true }],
    after:
      '{\n\t// one\n\t"a": {\n\t\t"b": 1, // why\n\t\t"c": {\n\t\t\t"d": "x"\n\t\t}\n\t},\n\t"e": true\n}\n',
  },
  {
    name: "adds to JSON on one line",
    file: "f.json",
    text: '{"a": {"b": 1}}',
    edits: [{ path: ["a", "c"], value: ["x", 1] }],
    after: '{"a": {"b": 1, "c": ["x", 1]}}',
  },
  {
    name: "keeps a comma behind the last value of JSON",
    file: "f.json",
    text: '{\n  "a": 1, // x\n}\n',
    edits: [{ path: ["b"], value: 2 }],
    after: '{\n  "a": 1, // x\n  "b": 2,\n}\n',
  },
  {
    name: "removes the last key of JSON and the comma before it",
    file: "f.json",
    text: '{\n  "a": 1, /* , */\n  "b": { "c": 1 }\n}\n',
    edits: [{ path: ["b"], value: undefined }],
    after: '{\n  "a": 1 /* , */\n}\n',
  },
  {
    name: "removes the only key of JSON",
    file: "f.json",
    text: '{ "a": { "b": 1 } }',
    edits: [{ path: ["a", "b"], value: undefined }],
    after: '{ "a": {  } }',
  },
  {
    name: "fills empty braces of JSON",
    file: "f.json",
    text: '{\n  "streams": {}\n}\n',
    edits: [{ path: ["streams", "a"], value: { source: "/x" } }],
    after: '{\n  "streams": {\n    "a": {\n      "source": "/x"\n    }\n  }\n}\n',
  },
];

for (const c of cases) {
  test(`editText() ${c.name}`, () => expect(editText(c.file ?? "f.yaml", c.text, c.edits)).toBe(c.after));
}

test("editText() refuses to change what an alias stands for", () => {
  const text = "a: &x { b: 1 }\nc: *x\n";
  expect(() => editText("f.yaml", text, [{ path: ["c", "b"], value: 2 }])).toThrow(CannotEdit);
});

test("editText() refuses to remove what comes from an anchor", () => {
  const text = "a: &x { b: 1 }\nc: { <<: *x }\n";
  expect(() => editText("f.yaml", text, [{ path: ["c", "b"], value: undefined }])).toThrow(CannotEdit);
});

test("editText() refuses to take away an anchor that others need", () => {
  const text = "a: &x { b: 1 }\nc: *x\n";
  expect(() => editText("f.yaml", text, [{ path: ["a"], value: undefined }])).toThrow(CannotEdit);
});

test("editText() prints a document anew where its text is laid out in an unusual way", () => {
  const text = "# head\n? a\n: 1 # one\n# tail\n";
  const after = editText("f.yaml", text, [{ path: ["b"], value: 2 }]);
  expect(after).toContain("# head");
  expect(after).toContain("# tail");
  expect(after).toContain("b: 2");
});
