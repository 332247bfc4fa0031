/** Faulty files, and every error that each must give. Also seeds for fuzzing. */
export interface BadConfigCase {
  readonly name: string;
  readonly yaml: string;
  readonly errors: readonly string[];
}

const SOURCES = "the URL of a source: rtsp (rtsp://camera.local/stream), file (/media/clip.mp4)";

export const badConfigCases: readonly BadConfigCase[] = [
  {
    name: "a slip in a choice",
    yaml: "streams:\n  cam1:\n    source: rtsp://c/1\n    transport: upd\n",
    errors: ['fogcast.yaml:4:16: streams.cam1.transport: expected tcp, udp or auto, got "upd"'],
  },
  {
    name: "an unknown key with a near one",
    yaml: "streams:\n  cam1:\n    source: rtsp://c/1\n    always_on: true\n",
    errors: ["fogcast.yaml:4:5: streams.cam1.always_on: unknown key, did you mean alwaysOn?"],
  },
  {
    name: "an unknown key with none near",
    yaml: "buffer: { qwertyuiop: 1 }\n",
    errors: [
      "fogcast.yaml:1:11: buffer.qwertyuiop: unknown key, known are maxMegabytesPerTrack, totalMegabytes",
    ],
  },
  {
    name: "the memory budget outside its section",
    yaml: "limits: { totalMegabytes: 64 }\n",
    errors: [
      "fogcast.yaml:1:11: limits.totalMegabytes: unknown key, known are maxViewers, megabitsPerSecond",
    ],
  },
  {
    name: "an unknown section",
    yaml: "stream: {}\n",
    errors: ["fogcast.yaml:1:1: stream: unknown key, did you mean streams?"],
  },
  {
    name: "variables of wrong names, values and times",
    yaml: "variables: { a-b: x, list: [x], often: { target: date, interval: 10ms }, empty: { target: '' } }",
    errors: [
      'fogcast.yaml:1:19: variables.a-b: expected a name of a letter and at most 63 letters and digits, got "a-b"',
      "fogcast.yaml:1:28: variables.list: expected a text, or a mapping with the keys value and target, got a list",
      "fogcast.yaml:1:66: variables.often.interval: expected 0, or at least 1s, got 10ms",
      'fogcast.yaml:1:91: variables.empty.target: expected a URL or a command of at most 4096 characters, got ""',
    ],
  },
  {
    name: "tags that are none",
    yaml: 'streams: { a: { source: "/media/a1.mp4", tags: [day, "#night", [x]] } }',
    errors: [
      'fogcast.yaml:1:54: streams.a.tags[1]: expected a tag of at most 64 letters, digits, _, ., : and -, got "#night"',
      "fogcast.yaml:1:64: streams.a.tags[2]: expected a tag of at most 64 letters, digits, _, ., : and -, got a list",
    ],
  },
  {
    name: "an option of another source",
    yaml: "streams: { a: { source: /clip.mp4, transport: udp } }\n",
    errors: [
      "fogcast.yaml:1:36: streams.a.transport: unknown key, known are source, alwaysOn, idle, rtspPassword, segment, part, window, tags, loop",
    ],
  },
  {
    name: "several errors at once",
    yaml: "http: { port: 99999 }\nlog: { level: loud }\nhls: { part: 1ms }\n",
    errors: [
      'fogcast.yaml:2:15: log.level: expected debug, info, warn or error, got "loud"',
      "fogcast.yaml:1:15: http.port: expected a whole number from 0 to 65535, got 99999",
      'fogcast.yaml:3:14: hls.part: expected a duration from 50ms to 5s such as 2s, got "1ms"',
    ],
  },
  {
    name: "a stream without a source",
    yaml: "streams:\n  a: {}\n  b:\n",
    errors: [
      `fogcast.yaml:2:3: streams.a.source: expected ${SOURCES}, got nothing`,
      `fogcast.yaml:3:3: streams.b.source: expected ${SOURCES}, got nothing`,
    ],
  },
  {
    name: "a source of an unknown kind, its password not shown",
    yaml: "streams: { a: { source: 'ftp://joe:hush@host/' } }\n",
    errors: [`fogcast.yaml:1:25: streams.a.source: expected ${SOURCES}, got "ftp://***@host/"`],
  },
  {
    name: "a secret of the wrong type, not shown",
    yaml: "rtsp: { token: 'far too long to be a token' }\n",
    errors: [
      "fogcast.yaml:1:16: rtsp.token: expected a text of at most 20 characters without control characters, got a hidden value",
    ],
  },
  {
    name: "a stream that is only a URL",
    yaml: "streams: { a: rtsp://c/1 }\n",
    errors: ['fogcast.yaml:1:15: streams.a: expected a mapping with the key source, got "rtsp://c/1"'],
  },
  {
    name: "a stream name that cannot be",
    yaml: "streams: { Front Door: { source: rtsp://c/1 } }\n",
    errors: [
      'fogcast.yaml:1:24: streams.Front Door: expected a stream name of at most 100 of a-z, 0-9, _, . and -, got "Front Door", for example front-door',
    ],
  },
  {
    name: "streams as a list",
    yaml: "streams:\n  - source: rtsp://c/1\n",
    errors: ["fogcast.yaml:2:3: streams: expected a mapping, got a list"],
  },
  {
    name: "a list at the top",
    yaml: "- a\n",
    errors: ["fogcast.yaml:1:1: expected a mapping of sections such as streams, got a list"],
  },
  {
    name: "plain text at the top",
    yaml: "hello\n",
    errors: ['fogcast.yaml:1:1: expected a mapping of sections such as streams, got "hello"'],
  },
  {
    name: "no text at all",
    yaml: " \n\n",
    errors: ["fogcast.yaml:1:1: file is empty; write {} for one without settings"],
  },
  {
    name: "a key given twice",
    yaml: "hls: { segment: 2 }\nhttp: {}\nhls: { segment: 3 }\n",
    errors: ["fogcast.yaml:3:1: hls: key is given twice in one mapping"],
  },
  {
    name: "a stream given twice",
    yaml: "streams:\n  a: { source: rtsp://c/1 }\n  a: { source: rtsp://c/2 }\n",
    errors: ["fogcast.yaml:3:3: streams.a: key is given twice in one mapping"],
  },
  {
    name: "a tab as indentation",
    yaml: "streams:\n\tcam1:\n",
    errors: ["fogcast.yaml:2:1: Tabs are not allowed as indentation"],
  },
  {
    name: "a quote that does not end",
    yaml: 'log: { level: "info\n',
    errors: [
      'fogcast.yaml:2:1: Missing closing "quote',
      "fogcast.yaml:2:1: Flow map in block collection must be sufficiently indented and end with a }",
    ],
  },
  {
    name: "a tag that is not ours",
    yaml: "log: { level: !env LEVEL }\n",
    errors: ["fogcast.yaml:1:15: Unresolved tag: !env"],
  },
  {
    name: "an alias without its anchor",
    yaml: "hls: *nowhere\n",
    errors: ["fogcast.yaml:1:6: unknown alias *nowhere"],
  },
  {
    name: "two documents",
    yaml: "{}\n---\n{}\n",
    errors: [
      "fogcast.yaml:2:1: expected one document, got a second one after ---",
    ],
  },
  {
    name: "yes for a boolean, as YAML 1.1 had it",
    yaml: "streams: { a: { source: rtsp://c/1, alwaysOn: yes } }\n",
    errors: ['fogcast.yaml:1:47: streams.a.alwaysOn: expected true or false, got "yes"'],
  },
  {
    name: "a whole number with a fraction",
    yaml: "http: { workers: 1.5 }\n",
    errors: ["fogcast.yaml:1:18: http.workers: expected a whole number from 0 to 64, got 1.5"],
  },
  {
    name: "a mapping for a value",
    yaml: "http: { workers: { a: 1 } }\n",
    errors: ["fogcast.yaml:1:18: http.workers: expected a whole number from 0 to 64, got a mapping"],
  },
  {
    name: "port beside listen",
    yaml: "http: { port: 1, listen: ':2' }\n",
    errors: ["fogcast.yaml:1:15: http.port: give either port or listen, not both"],
  },
  {
    name: "an address that is none",
    yaml: "http:\n  listen: [':80', 'a:b', ':70000']\n",
    errors: [
      'fogcast.yaml:2:19: http.listen[1]: expected an address such as :8080, 127.0.0.1:8080 or [::1]:8080, got "a:b"',
      'fogcast.yaml:2:26: http.listen[2]: expected an address such as :8080, 127.0.0.1:8080 or [::1]:8080, got ":70000"',
    ],
  },
  {
    name: "TLS that is neither auto nor a mapping",
    yaml: "http: { tls: maybe }\n",
    errors: [
      'fogcast.yaml:1:14: http.tls: expected auto, or a mapping with listen, cert and key, got "maybe"',
    ],
  },
  {
    name: "TLS without a key",
    yaml: "http: { tls: { cert: a.pem } }\n",
    errors: ["fogcast.yaml:1:9: http.tls.key: expected the path of a PEM file, got nothing"],
  },
  {
    name: "one key for two certificates",
    yaml: "http: { tls: { cert: [a.pem, b.pem], key: a.key } }\n",
    errors: ["fogcast.yaml:1:43: http.tls.key: expected as many certificates as keys"],
  },
  {
    name: "proxies and public addresses that are none",
    yaml: "http:\n  proxies: [10.0.0.0/33, a b]\n  publicAddress: cdn.example\n",
    errors: [
      'fogcast.yaml:2:13: http.proxies[0]: expected an address such as 10.0.0.2, a network such as 10.0.0.0/8 or a name, got "10.0.0.0/33"',
      'fogcast.yaml:2:26: http.proxies[1]: expected an address such as 10.0.0.2, a network such as 10.0.0.0/8 or a name, got "a b"',
      'fogcast.yaml:3:18: http.publicAddress: expected a full address such as https://cdn.example/cams, got "cdn.example"',
    ],
  },
  {
    name: "a redirect to nowhere",
    yaml: "http: { redirect: true }\n",
    errors: ["fogcast.yaml:1:19: http.redirect: there is no tls to go to"],
  },
  {
    name: "parts longer than half a segment",
    yaml: "hls: { segment: 1s, part: 600ms }\n",
    errors: ["fogcast.yaml:1:27: hls.part: expected at most half a segment (500ms), got 600ms"],
  },
  {
    name: "a window too short for the segments of one stream",
    yaml: "streams: { a: { source: rtsp://c/1, segment: 15s } }\n",
    errors: ["fogcast.yaml:1:46: streams.a.segment: expected at least 3 segments (45s), got 30s"],
  },
  {
    name: "an environment variable that is not set",
    yaml: "streams: { a: { source: 'rtsp://${NOPE}@c/1' } }\n",
    errors: [
      "fogcast.yaml:1:25: streams.a.source: environment variable NOPE is not set; ${NOPE:-default} gives it a default",
    ],
  },
  {
    name: "a reference that names nothing",
    yaml: "log: { level: '${1x}' }\n",
    errors: [
      'fogcast.yaml:1:15: log.level: expected the name of an environment variable between ${ and }, got "1x"',
      "fogcast.yaml:1:15: log.level: expected debug, info, warn or error, got a hidden value",
    ],
  },
  {
    name: "a value file that is missing",
    yaml: "rtsp: { token: !file gone.txt }\n",
    errors: ["fogcast.yaml:1:22: rtsp.token: cannot read value from gone.txt: no such file"],
  },
  {
    name: "an included file that is missing",
    yaml: "include: { streams: gone.yaml }\n",
    errors: ["fogcast.yaml:1:21: include.streams: cannot read gone.yaml: no such file"],
  },
  {
    name: "an include of an unknown section",
    yaml: "include: { steams: x.yaml }\n",
    errors: [
      "fogcast.yaml:1:12: include.steams: unknown key, did you mean streams?",
      "fogcast.yaml:1:20: include.steams: cannot read x.yaml: no such file",
    ],
  },
  {
    name: "a control character in a text",
    yaml: 'rtsp: { token: "a\\nb" }\n',
    errors: [
      "fogcast.yaml:1:16: rtsp.token: expected a text of at most 20 characters without control characters, got a hidden value",
    ],
  },
];
