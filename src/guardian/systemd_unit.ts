/** An example configuration; valid as it is. */
export const EXAMPLE_CONFIG =
  `# fogcast: fogcast check --config PATH says what is wrong, fogcast config show what holds.
http:
  listen: :8080

streams: {}
  # front-door:
  #   source: rtsp://user:pass@camera.local:554/Streaming/Channels/101
`;

/**
 * The systemd unit of the service, systemd.service(5) and systemd.exec(5): the guardian reports readiness and feeds the
 * watchdog. MemoryDenyWriteExecute is left out because JavaScript is compiled while it runs.
 */
export function printUnit(o: { readonly executable: string; readonly config: string }): string {
  return `[Unit]
Description=fogcast streaming media server
Documentation=man:systemd.service(5)
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
NotifyAccess=main
ExecStart=${quoted(o.executable)} serve --config ${quoted(o.config)}
ExecReload=/bin/kill -HUP $MAINPID
WatchdogSec=20
Restart=always
RestartSec=1
TimeoutStartSec=60
TimeoutStopSec=15
KillMode=mixed

DynamicUser=yes
StateDirectory=fogcast
ConfigurationDirectory=fogcast
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
`;
}

/** A word of a command line as systemd reads it. */
function quoted(word: string): string {
  const escaped = word.replace(/%/g, "%%");
  return /^[\w./%@:+-]+$/.test(escaped)
    ? escaped
    : `"${escaped.replace(/[\\"]/g, "\\$&").replace(/\$/g, "$$$$")}"`;
}
