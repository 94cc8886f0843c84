import type { IncomingMessage } from 'node:http';
import { readTarget, targetFault } from '../../domain/routing/target.ts';
import type { Match, RoutingTable } from '../../domain/routing/table.ts';
import type { GatewayContext } from '../context.ts';
import { Exchange } from './exchange.ts';
import { ClientLink } from '../http/link.ts';
import type { ClientResponse } from '../http/response.ts';
import { RequestHead } from '../http/request-head.ts';
import { routesUnknown } from './problems.ts';
import type { UpgradeRequest } from '../http/upgrade.ts';

/** The routes of this moment. */
export interface Routing {
  readonly table: RoutingTable;
  /** False: what the table lacks may exist all the same. */
  readonly synced: boolean;
}

/** Takes a request from the server to its function's queue, or answers why not. */
export function receive(
  context: GatewayContext,
  routing: Routing,
  request: { req: IncomingMessage; res: ClientResponse; upgrade: UpgradeRequest | undefined },
): void {
  const { req, res, upgrade } = request;
  const link = ClientLink.of(req.socket);
  // Behind an answer that is the last one.
  if (link.closing) return void req.resume();
  link.closing = !res.shouldKeepAlive;
  const { target, authority } = readTarget(req.url ?? '');
  req.url = target;
  const head = new RequestHead({
    rawHeaders: req.rawHeaders,
    remote: link.remote,
    version: req.httpVersion,
    upgrade: upgrade !== undefined,
    authority,
  });
  const exchange = new Exchange(context, { req, res, head, link, upgrade });
  const query = target.indexOf('?');
  const queryAt = query === -1 ? target.length : query;
  const fault = targetFault(target, queryAt);
  if (head.fault !== undefined) {
    exchange.badFraming(head.fault);
  } else if (fault !== undefined) {
    exchange.refuse({ status: 400, reason: 'TargetInvalid', detail: `Refused: ${fault}.` });
  } else {
    const path = query === -1 ? target : target.slice(0, query);
    const match = routing.table.match(head.host, req.method ?? '', path);
    if (match.kind === 'unknown' && !routing.synced) exchange.refuse(routesUnknown());
    else route(exchange, match, target);
  }
}

function route(exchange: Exchange, match: Match, target: string): void {
  if (match.kind === 'unknown') {
    exchange.refuse({ status: 404, reason: 'RouteUnknown', detail: match.detail });
    return;
  }
  if (match.kind === 'method') {
    const allow = match.allow.join(', ');
    const detail = `The function answers ${allow} here.`;
    const headers = ['allow', allow];
    exchange.refuse({ status: 405, reason: 'MethodNotAllowed', detail, headers });
    return;
  }
  exchange.route = match.route;
  const { bodyBytes } = exchange.head;
  if (bodyBytes > exchange.context.options.maxBodyBytes) {
    exchange.bodyTooLarge();
    return;
  }
  exchange.head.strip(target.slice(0, match.from));
  const rest = match.from === 0 ? target : target.slice(match.from);
  exchange.admit(match.route, rest.startsWith('/') ? rest : `/${rest}`);
}
