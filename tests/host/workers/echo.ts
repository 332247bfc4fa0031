import { systemClock } from "../../../src/host/clock.ts";
import { runWorker } from "../../../src/host/worker.ts";

/** Does what it is told: the worker of worker_test.ts. */
runWorker((init, port) => {
  port.post({ init });
  port.onMessage((message) => {
    switch (message) {
      case "throw":
        throw new Error("thrown in a worker");
      case "reject":
        void Promise.reject(new Error("rejected in a worker"));
        break;
      case "exit":
        process.exit(7);
        break;
      case "close":
        return port.close();
      case "loop":
        for (;;);
      case "clock":
        return port.post({ mono: systemClock.mono() });
      default:
        if (message instanceof SharedArrayBuffer) {
          new Uint8Array(message)[0] = 42;
          return port.post("written");
        }
        port.post({ echo: message });
    }
  });
});
