/**
 * A process of `rtsp_bench.ts`: players over TCP that throw away what they get, until standard input ends; or connections
 * that say nothing (`silent`), or players that do not read what they asked for (`stalled`).
 */
const [port = "", count = "", how = ""] = process.argv.slice(2);
const uri = `rtsp://127.0.0.1:${port}/cam`;

async function play(): Promise<void> {
  const decoder = new TextDecoder("latin1");
  let step = 0;
  const steps = [
    `DESCRIBE ${uri} RTSP/1.0\r\nCSeq: 1\r\n\r\n`,
    `SETUP ${uri}/trackID=0 RTSP/1.0\r\nCSeq: 2\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n`,
    `PLAY ${uri} RTSP/1.0\r\nCSeq: 3\r\n\r\n`,
  ];
  await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(port),
    socket: {
      open: (socket) => void (how !== "silent" && socket.write(steps[step++]!)),
      data(socket, bytes) {
        if (step < steps.length && decoder.decode(bytes).includes("RTSP/1.0 200")) {
          socket.write(steps[step++]!);
        }
      },
    },
  });
}

for (let i = 0; i < Number(count); i++) await play();
console.log("ready");
await Bun.stdin.text();
process.exit(0);
