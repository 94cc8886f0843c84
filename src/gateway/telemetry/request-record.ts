/** What is told of a request that is over. Times are milliseconds on the clock of `performance.now()`. */
export interface RequestRecord {
  readonly req: { readonly method?: string | undefined; readonly url?: string | undefined };
  readonly head: { readonly host: string; readonly requestId: string };
  readonly link: { readonly remote: string };
  /** None: it reached no function. */
  readonly route: { readonly key: string } | undefined;
  /** Empty: it reached no VM. */
  readonly vmId: string;
  readonly arrivedAt: number;
  /** When the last attempt took its slot; 0: there was none. */
  readonly startedAt: number;
  /** When the answer began; 0: it did not. */
  readonly answeredAt: number;
  readonly attempts: number;
  readonly status: number;
  /** Of the problem that was answered, or why the answer is incomplete. */
  readonly reason: string;
  /** What is behind the reason. */
  readonly cause: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
}
