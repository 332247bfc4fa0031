import { resolvePath } from "../config/paths.ts";
import { listDirectory, makeDirectory, statFile, writeFileAtomic } from "../host/files.ts";
import { executablePath, printErrorLine, printLine, workingDirectory } from "../host/process.ts";
import { EXAMPLE_CONFIG, printUnit } from "../guardian/systemd_unit.ts";

const UNIT_PATH = "/etc/systemd/system/fogcast.service";
/** What a configuration lies in, or a folder of one section's files. */
const CONFIG_FILE = /\.(yaml|yml|json|jsonc)$/;
const CONFIG_ENTRY = /\.(yaml|yml|json|jsonc|d)$/;

export interface InstallOptions {
  readonly print: boolean;
  /** A folder, or a file by its ending; relative to the working directory. */
  readonly config: string;
  /** Where the unit goes. */
  readonly unit?: string;
}

/** `fogcast install`: writes the unit and, where there is none, an example configuration; answers the exit code. */
export async function install(o: InstallOptions): Promise<number> {
  // a service has another working directory
  const config = resolvePath(workingDirectory(), o.config);
  const unitPath = o.unit ?? UNIT_PATH;
  const unit = printUnit({ executable: executablePath, config });
  const example = CONFIG_FILE.test(config) ? config : `${config}/fogcast.yaml`;
  if (o.print) {
    printLine(`# ${unitPath}\n${unit}\n# ${example}\n${EXAMPLE_CONFIG.trimEnd()}`);
    return 0;
  }
  try {
    if (await isWithoutConfig(config)) {
      if (example !== config) await makeDirectory(config);
      await writeFileAtomic(example, EXAMPLE_CONFIG);
      printLine(`wrote ${example}`);
    }
    await writeFileAtomic(unitPath, unit);
    printLine(`wrote ${unitPath}`);
  } catch (failure) {
    printErrorLine(`fogcast: ${failure instanceof Error ? failure.message : String(failure)}`);
    printErrorLine("Root may write there; `fogcast install --print` shows what would be written");
    return 1;
  }
  printLine("next: systemctl daemon-reload && systemctl enable --now fogcast");
  return 0;
}

/** Nothing is there, or a folder that a server would refuse to start from. */
async function isWithoutConfig(path: string): Promise<boolean> {
  const found = await statFile(path);
  if (found?.kind !== "directory") return found === undefined;
  return !(await listDirectory(path)).some(({ name }) => CONFIG_ENTRY.test(name));
}
