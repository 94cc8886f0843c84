import type {
  Endpoint,
  GatewayMessage,
  OperatorMessage,
} from '../../../../src/api/gateway-protocol.ts';
import type {
  ControlHandlers,
  ControlStream,
} from '../../../../src/gateway/control/control-stream.ts';
import { eventually } from './wait.ts';

/** The operator's end of the stream, without a network. */
export class FakeOperator implements ControlStream {
  up = true;
  closed = false;
  readonly sent: GatewayMessage[] = [];
  #handlers: ControlHandlers | undefined;

  send(message: GatewayMessage): void {
    if (this.up && this.#handlers !== undefined) this.sent.push(message);
  }

  start(handlers: ControlHandlers): void {
    this.#handlers = handlers;
    handlers.opened();
  }

  /** The stream broke and stands again. */
  comeBack(): void {
    this.#handlers?.opened();
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  say(message: OperatorMessage): void {
    this.#handlers?.message(message);
  }

  snapshot(application: string, endpoints: readonly Endpoint[]): void {
    this.say({ type: 'snapshot', applications: [{ application, endpoints }] });
  }

  add(application: string, ...add: Endpoint[]): void {
    this.say({ type: 'endpoints', application, add, remove: [] });
  }

  remove(application: string, ...remove: string[]): void {
    this.say({ type: 'endpoints', application, add: [], remove });
  }

  of<T extends GatewayMessage['type']>(type: T): Extract<GatewayMessage, { type: T }>[] {
    return this.sent.filter((message) => message.type === type) as Extract<
      GatewayMessage,
      { type: T }
    >[];
  }

  async heard(type: GatewayMessage['type']): Promise<void> {
    await eventually(() => this.of(type).length > 0, `the operator hears ${type}`);
  }
}
