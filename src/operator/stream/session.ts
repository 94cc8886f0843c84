import type { WebSocket } from 'ws';
import { encode, STREAM_VERSION, type GatewayMessage } from '../../api/gateway-protocol.ts';
import { GATEWAY_SCHEMAS } from '../../api/gateway-schema.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { decoderOf } from '../../runtime/messages.ts';
import type { Subscriber } from './endpoint-publisher.ts';
import { pace } from './pace.ts';

export interface StreamHandlers {
  connected(gateway: Subscriber): void;
  message(gateway: Subscriber, message: GatewayMessage): void;
  /** `clean`: the gateway closed the stream itself, with nothing in flight. */
  disconnected(gateway: Subscriber, clean: boolean): void;
}

export interface SessionOptions {
  readonly operator: string;
  readonly handlers: StreamHandlers;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Until a gateway has said who it is. */
const HELLO_MS = 5_000;
/** Not read yet by a gateway; it gets a new snapshot when it comes back. */
const MAX_UNREAD = 16 * 1024 * 1024;
/** RFC 6455, 7.4.1: 1000 is a normal end, 1001 says that an endpoint goes away. */
const CLEAN_CODES = new Set([1000, 1001]);
const NOT_UNDERSTOOD = 1007;
const POLICY = 1008;

const decode = decoderOf<GatewayMessage>(GATEWAY_SCHEMAS);

/** One gateway's stream, from its hello to its end. A gateway that is not understood ends its own only. */
export function serve({ handlers, operator, clock, log }: SessionOptions, ws: WebSocket): void {
  let gateway: Subscriber | undefined;
  const cancelHello = clock.after(HELLO_MS, () => {
    ws.close(POLICY, 'no hello');
  });
  const send: Subscriber['send'] = (message) => {
    if (ws.readyState !== ws.OPEN) return;
    if (ws.bufferedAmount > MAX_UNREAD) ws.terminate();
    else ws.send(encode(message));
  };
  const hear = (message: GatewayMessage): void => {
    if (message.type === 'hello' && gateway === undefined) {
      cancelHello();
      gateway = { name: message.gateway, send };
      send({ type: 'welcome', version: STREAM_VERSION, operator });
      handlers.connected(gateway);
    } else if (gateway !== undefined) {
      handlers.message(gateway, message);
    }
  };
  pace(ws, clock);
  ws.on('message', (data) => {
    // What comes behind a message that was not understood is not heard either.
    if (ws.readyState !== ws.OPEN) return;
    const decoded = decode((data as Buffer).toString('utf8'));
    if ('problem' in decoded) {
      log.error('message not understood', { gateway: gateway?.name, problem: decoded.problem });
      ws.close(NOT_UNDERSTOOD);
    } else if (decoded.message !== undefined) {
      hear(decoded.message);
    }
  });
  ws.on('error', (error) => {
    log.warn('gateway stream failed', { gateway: gateway?.name, error });
  });
  ws.on('close', (code) => {
    cancelHello();
    if (gateway !== undefined) handlers.disconnected(gateway, CLEAN_CODES.has(code));
  });
}
