/**
 * The program: reads the command line and runs what it asks for. What a command needs is loaded for that command only:
 * the guardian is a process of its own, and must not carry the server's code.
 */
import { GUARDED } from "../guardian/messages.ts";
import { canSpawn as guardianWorks } from "../host/child.ts";
import { args, env, exit, printErrorLine, printLine } from "../host/process.ts";
import { parseArgs } from "./args.ts";
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
    exit(await (await import("./config_commands.ts")).check(command.config));
    break;
  case "config show":
    exit(await (await import("./config_commands.ts")).configShow(command.config, command.overrides));
    break;
  case "config split":
    exit(await (await import("./config_split.ts")).configSplit(command.config, command.to));
    break;
  case "config schema":
    printLine((await import("./config_commands.ts")).configSchemaText());
    break;
  case "serve":
    if (command.guardian && guardianWorks && env(GUARDED) !== "1") {
      exit(await (await import("../guardian/run_guardian.ts")).runGuardian(command));
    }
    exit(await (await import("./serve.ts")).serve(command.config, command));
    break;
  case "demo":
    exit(await (await import("./serve.ts")).demo(command));
    break;
  case "crashes":
    exit(await (await import("./guardian_commands.ts")).crashes(command.state, command.which));
    break;
  case "upgrade":
    exit(await (await import("./guardian_commands.ts")).upgrade(command));
    break;
  case "install":
    exit(await (await import("./install.ts")).install(command));
    break;
  case "account add":
    exit(await (await import("./account_commands.ts")).addAccount(command));
    break;
  case "discover":
    exit(await (await import("./discover_command.ts")).discover(command));
    break;
  case "dashboard vitals":
  case "dashboard stream":
  case "dashboard streams":
    printLine((await import("./print_dashboard.ts")).dashboardOf(command.name));
    break;
  case "healthcheck":
    exit(await (await import("./healthcheck.ts")).healthcheck(command));
    break;
}
