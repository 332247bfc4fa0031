/** The program: reads the command line and runs what it asks for. */
import { args } from "../host/process.ts";
import { exit, printErrorLine, printLine } from "../host/process.ts";
import { parseArgs } from "./args.ts";
import { check, configSchemaText, configShow } from "./config_commands.ts";
import { demo, serve } from "./serve.ts";
import { VERSION } from "./version.ts";

const command = parseArgs(args());
switch (command.name) {
  case "help":
    printLine(command.text.trimEnd());
    break;
  case "version":
    printLine(`fogcast ${VERSION}`);
    break;
  case "usage":
    printErrorLine(command.message.trimEnd());
    exit(2);
    break;
  case "check":
    exit(await check(command.config));
    break;
  case "config show":
    exit(await configShow(command.config, command.overrides));
    break;
  case "config schema":
    printLine(configSchemaText());
    break;
  case "serve":
    exit(await serve(command.config, command));
    break;
  case "demo":
    exit(await demo(command));
    break;
}
