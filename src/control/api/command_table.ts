import type { Command } from "./command.ts";
import { activeStreams, statsStreams } from "./commands/active_streams.ts";
import { addstream } from "./commands/addstream.ts";
import { browse } from "./commands/browse.ts";
import { capabilities } from "./commands/capabilities.ts";
import { clients } from "./commands/clients.ts";
import { config } from "./commands/config.ts";
import { configBackup, configRestore } from "./commands/config_backup.ts";
import { configReload, save } from "./commands/config_reload.ts";
import { deletestream } from "./commands/deletestream.ts";
import { discover } from "./commands/discover.ts";
import { clearstatlogs, log } from "./commands/log.ts";
import { pushList, pushStart, pushStop, pushStopGraceful } from "./commands/push.ts";
import { pushAutoAdd, pushAutoList, pushAutoRemove, pushSettings } from "./commands/push_auto.ts";
import { apiEndpoint, health, load, logout, shutdown, version } from "./commands/server.ts";
import { invalidateSessions, stopSessid, stopSessions, stopTag, tagSessid } from "./commands/sessions.ts";
import { streams } from "./commands/streams.ts";
import { streamTags, tagStream, untagStream } from "./commands/stream_tags.ts";
import { totals } from "./commands/totals.ts";
import { uiSettings } from "./commands/ui_settings.ts";
import { variableAdd, variableList, variableRemove } from "./commands/variables.ts";

/** Every command, in every face. A new one is added here. */
export const COMMANDS: readonly Command[] = [
  config,
  configBackup,
  configRestore,
  configReload,
  save,
  streams,
  addstream,
  deletestream,
  capabilities,
  activeStreams,
  statsStreams,
  clients,
  totals,
  stopSessions,
  stopSessid,
  tagSessid,
  stopTag,
  invalidateSessions,
  tagStream,
  untagStream,
  streamTags,
  pushStart,
  pushList,
  pushStop,
  pushStopGraceful,
  pushAutoAdd,
  pushAutoList,
  pushAutoRemove,
  pushSettings,
  variableAdd,
  variableList,
  variableRemove,
  log,
  clearstatlogs,
  browse,
  discover,
  uiSettings,
  version,
  apiEndpoint,
  load,
  health,
  logout,
  shutdown,
];
