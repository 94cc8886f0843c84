package io.osv.faas.agent;

import io.osv.faas.agent.host.Log;

final class Rehearsal {
  static void run(Agent agent, Log log) {}
}
