import manifest from "../../package.json" with { type: "json" };

/** Version of the program, as the package manifest has it. */
export const VERSION: string = manifest.version;
