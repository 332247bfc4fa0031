import type { Log } from "../base/log.ts";
import type { GuardianOrder } from "../guardian/messages.ts";
import type { GuardianLink } from "./guardian_link.ts";
import type { RunningServer } from "./server.ts";

/**
 * Does what the guardian orders a running server to do. `shown` is called with the addresses once the server serves on
 * them, `left` when it has left after an upgrade.
 */
export function obeyGuardian(
  guardian: GuardianLink,
  server: RunningServer,
  on: {
    readonly log: Log;
    shown(urls: readonly string[]): void;
    /** Before viewers finish: what is not theirs, such as the API, is the next server's now. */
    leaving(): void;
    left(): void;
  },
): void {
  const { handover } = server;
  const adopting = new Set<Promise<void>>();
  const obey = async (order: GuardianOrder): Promise<void> => {
    switch (order.type) {
      case "running":
        return guardian.report({ type: "running", streams: handover.running() });
      case "hand over":
        on.log.info("another server takes over: streams are handed over");
        await handover.giveAway(
          order.socket,
          order.folder,
          (handed) => guardian.report({ type: "handed", ...handed }),
        );
        return guardian.report({ type: "handed over" });
      case "adopt": {
        const adopted = handover.adopt(order);
        adopting.add(adopted);
        return adopted;
      }
      case "listen":
        await Promise.all(adopting);
        on.shown(await server.listen());
        return guardian.listening();
      case "leave":
        on.log.info(`leaving: viewers may finish for ${order.millis / 1000} s`);
        on.leaving();
        await handover.leave(order.millis);
        return on.left();
    }
  };
  guardian.onOrder((order) => {
    obey(order).catch((failure) => {
      on.log.error(`cannot ${order.type}: ${failure instanceof Error ? failure.message : String(failure)}`);
    });
  });
  if (guardian.takeover === undefined) {
    guardian.listening();
    return;
  }
  void handover.prepare().then((missing) => guardian.report({ type: "prepared", missing }));
}
