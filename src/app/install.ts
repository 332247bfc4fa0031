import { makeDirectory, statFile, writeFileAtomic } from "../host/files.ts";
import { executablePath, printErrorLine, printLine } from "../host/process.ts";
import { EXAMPLE_CONFIG, printUnit } from "../guardian/systemd_unit.ts";

const UNIT_PATH = "/etc/systemd/system/fogcast.service";

/** `fogcast install`: writes the unit and, where there is none, an example configuration; answers the exit code. */
export async function install(o: { readonly print: boolean; readonly config: string }): Promise<number> {
  const unit = printUnit({ executable: executablePath, config: o.config });
  const example = `${o.config}/fogcast.yaml`;
  if (o.print) {
    printLine(`# ${UNIT_PATH}\n${unit}\n# ${example}\n${EXAMPLE_CONFIG.trimEnd()}`);
    return 0;
  }
  try {
    await writeFileAtomic(UNIT_PATH, unit);
    printLine(`wrote ${UNIT_PATH}`);
    if (await statFile(o.config) === undefined) {
      await makeDirectory(o.config);
      await writeFileAtomic(example, EXAMPLE_CONFIG);
      printLine(`wrote ${example}`);
    }
  } catch (failure) {
    printErrorLine(`fogcast: ${failure instanceof Error ? failure.message : String(failure)}`);
    printErrorLine("Root may write there; `fogcast install --print` shows what would be written");
    return 1;
  }
  printLine("next: systemctl daemon-reload && systemctl enable --now fogcast");
  return 0;
}
