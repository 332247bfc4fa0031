/** One option of the command line. */
export interface Flag {
  readonly name: string;
  /** What the value is called in the help; empty where the flag takes none. */
  readonly value: string;
  readonly help: string;
  /** Key of the configuration that the flag overrides. */
  readonly key?: readonly string[];
  /** The value as the configuration has it; undefined when it is wrong. */
  readonly check?: (value: string) => string | undefined;
  readonly expected?: string;
}

export const choice = (...values: string[]) => (value: string) => values.includes(value) ? value : undefined;

export const CONFIG: Flag = {
  name: "--config",
  value: "PATH",
  help: "Configuration: a file, or a folder of files",
};
export const OVERRIDES: readonly Flag[] = [
  {
    name: "--port",
    value: "N",
    help: "HTTP port, in place of the configured addresses; 0 takes any free one",
    key: ["http", "listen"],
    check: (value) => /^\d{1,5}$/.test(value) && Number(value) <= 65535 ? `:${Number(value)}` : undefined,
    expected: "a port from 0 to 65535",
  },
  {
    name: "--log-level",
    value: "L",
    help: "debug, info, warn or error",
    key: ["log", "level"],
    check: choice("debug", "info", "warn", "error"),
    expected: "debug, info, warn or error",
  },
  {
    name: "--log-format",
    value: "F",
    help: "text or json",
    key: ["log", "format"],
    check: choice("text", "json"),
    expected: "text or json",
  },
];
export const TO: Flag = { name: "--to", value: "FOLDER", help: "Where the files go; must be new or empty" };
export const TAP: Flag = {
  name: "--tap",
  value: "DIR",
  help: "Write everything received to DIR, as test vectors",
};
export const NO_GUARDIAN: Flag = {
  name: "--no-guardian",
  value: "",
  help: "No supervising process, for containers",
};

export const STATE: Flag = {
  name: "--state",
  value: "DIR",
  help: "Folder for crash reports, in place of ~/.local/state/fogcast",
};
export const LEAVE: Flag = {
  name: "--leave",
  value: "SECONDS",
  help: "How long viewers of the old server may take to finish after an upgrade; 30",
  check: (value) => /^\d{1,5}$/.test(value) ? value : undefined,
  expected: "seconds from 0 to 99999",
};
export const PID: Flag = {
  name: "--pid",
  value: "N",
  help: "Which guardian, where several run",
  check: (value) => /^\d{1,9}$/.test(value) ? value : undefined,
  expected: "the number of a process",
};
export const PRINT: Flag = {
  name: "--print",
  value: "",
  help: "Print what would be written, and write nothing",
};
export const UNIT_CONFIG: Flag = {
  name: "--config",
  value: "PATH",
  help: "Configuration of the service, in place of /etc/fogcast",
};
export const URL_FLAG: Flag = {
  name: "--url",
  value: "URL",
  help: "What to ask, in place of the API or the HTTP port of the configuration",
  check: (value) => URL.canParse(value) ? value : undefined,
  expected: "a URL",
};

export const LEGACY: Flag = { name: "--legacy-login", value: "", help: "Keep what the MD5 login needs too" };
export const TOKEN: Flag = {
  name: "--token",
  value: "",
  help: "Make and print a bearer token, in place of a password",
};

export const ADD_TO: Flag = {
  name: "--config",
  value: "PATH",
  help: "Configuration to add streams to, after asking; a .yaml file is made where there is none",
};
export const INTERFACE: Flag = {
  name: "--interface",
  value: "NAMES",
  help: "Network interfaces to ask on, by name or address, divided by commas; all but loopback",
};
export const USER: Flag = {
  name: "--user",
  value: "NAME",
  help: "Login at the cameras; its password is asked for, or read from FOGCAST_CAMERA_PASSWORD",
};
export const SECONDS: Flag = {
  name: "--seconds",
  value: "N",
  help: "How long cameras may take to answer; 3",
  check: (value) =>
    /^\d{1,2}(\.\d)?$/.test(value) && Number(value) > 0 && Number(value) <= 30 ? value : undefined,
  expected: "seconds above 0 and at most 30",
};
export const ALL: Flag = {
  name: "--all",
  value: "",
  help: "Every stream of a camera, not only its largest picture",
};
export const YES: Flag = {
  name: "--yes",
  value: "",
  help: "Add what was found to the configuration without asking",
};
export const JSON_FLAG: Flag = { name: "--json", value: "", help: "Print one JSON object, and ask nothing" };
