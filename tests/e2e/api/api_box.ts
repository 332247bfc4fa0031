import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY, type RunningFogcast, startCommand } from "../../peers/fogcast.ts";

/** A configuration that stays over restarts, and the compiled binary that runs from it. */
export class ApiBox {
  readonly folder: string;
  server: RunningFogcast | undefined;
  port = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** `files` by name. */
  static async make(files: Readonly<Record<string, string>>): Promise<ApiBox> {
    const box = new ApiBox(await mkdtemp(join(tmpdir(), "fogcast-api-")));
    for (const [name, text] of Object.entries(files)) await writeFile(join(box.folder, name), text);
    return box;
  }

  /** The API's address. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the server and waits until the API listens. */
  async start(): Promise<void> {
    this.server = await startCommand([BINARY, "serve", "--no-guardian", "--config", this.folder]);
    this.port = await this.listening();
  }

  /** The API's port as it was printed last. */
  async listening(): Promise<number> {
    await this.server?.printed(/API on \S+/);
    const ports = [...(this.server?.output() ?? "").matchAll(/API on [^\s,]*:(\d+)/g)];
    return Number(ports.at(-1)?.[1]);
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
  }

  file(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8");
  }

  readOnly(name: string): Promise<void> {
    return chmod(join(this.folder, name), 0o444);
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** An object of commands, as programs on this machine send it; only what was asked for comes back. */
  async command(
    commands: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.url}/api2`, {
      method: "POST",
      body: JSON.stringify(commands),
      headers: { "content-type": "application/json", ...headers },
    });
    return await answer.json() as Record<string, unknown>;
  }
}

/** One datagram out, one back; undefined when none comes within `ms`. */
export async function datagram(port: number, text: string, ms = 15_000): Promise<string | undefined> {
  const answer = Promise.withResolvers<string | undefined>();
  const socket = await Bun.udpSocket({
    hostname: "127.0.0.1",
    socket: { data: (_socket, bytes) => answer.resolve(new TextDecoder().decode(bytes)) },
  });
  socket.send(text, port, "127.0.0.1");
  const late = setTimeout(() => answer.resolve(undefined), ms);
  const found = await answer.promise;
  clearTimeout(late);
  socket.close();
  return found;
}
