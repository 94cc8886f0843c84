import type { GatewayMessage, OperatorMessage } from '../../api/gateway-protocol.ts';

/** The operator as the gateway sees it; `send` while it is away does nothing. */
export interface ControlStream {
  /** Whether messages reach the operator at this moment. */
  readonly up: boolean;
  send(message: GatewayMessage): void;
  start(handlers: ControlHandlers): void;
  close(): Promise<void>;
}

export interface ControlHandlers {
  /** The stream stands (again); `hello` is sent already. */
  opened(): void;
  message(message: OperatorMessage): void;
}
