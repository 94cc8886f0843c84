/** What the supervisor is told when it starts. */
export interface SupervisorConfig {
  readonly stateDir: string;
  /** Holds the supervisor's process id as long as it runs. */
  readonly pidFile: string;
  /** Remove the state folder in the end. */
  readonly temporary: boolean;
  /** A folder around it, or beside it, that is to be removed too, though others may still write there. */
  readonly removeToo?: string | undefined;
  /** How long a server may take to end before it is killed. */
  readonly stopDeadlineMs: number;
}

export interface StartCommand {
  readonly op: 'start';
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** File that standard output and error are appended to. */
  readonly log: string;
}

export type Command =
  StartCommand | { readonly op: 'kill'; readonly name: string } | { readonly op: 'stop' };

export type Event =
  | { readonly event: 'ready' }
  | { readonly event: 'started'; readonly name: string; readonly pid: number }
  /** `why`: an exit code, a signal, or why it could not be started. */
  | { readonly event: 'exited'; readonly name: string; readonly why: string };
