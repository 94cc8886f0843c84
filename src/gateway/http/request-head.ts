import { CHUNKED, NO_BODY } from '../upstream/request.ts';
import { isRequestId, isTraceparent, newTraceId, newTraceparent } from './ids.ts';

/** A request that is refused for its headers alone. */
export interface HeaderFault {
  readonly status: number;
  readonly reason: string;
  readonly detail: string;
}

/** What came over which connection. */
export interface Incoming {
  /** Names and values by turns, as Node's parser gives them. */
  readonly rawHeaders: readonly string[];
  readonly remote: string;
  /** `1.1`, `1.0`, or what else the client says. */
  readonly version: string;
  /** Treat it as an upgrade, so that the header that asks for it goes on. */
  readonly upgrade: boolean;
  /** Host and port of a target in absolute form, which count instead of `Host` (RFC 9112, 3.2.2). */
  readonly authority: string | undefined;
}

const VERSION: HeaderFault = {
  status: 505,
  reason: 'VersionUnsupported',
  detail: 'This gateway speaks HTTP/1.1 and HTTP/1.0.',
};

/** Lengths of the names that {@link RequestHead} looks at closer, one bit each. */
const LENGTHS = [2, 4, 6, 7, 10, 11, 12, 14, 15, 16, 17, 18, 19].reduce(
  (mask, length) => mask | (1 << length),
  0,
);

/** Reads the headers of a request once: what goes on to the VM, and what the gateway needs to know. */
export class RequestHead {
  host = '';
  /** Declared length, {@link CHUNKED} or {@link NO_BODY}. */
  bodyBytes = NO_BODY;
  expectsContinue = false;
  requestId = '';
  upgrade = '';
  fault: HeaderFault | undefined;
  /** Header lines for the VM, each with its CRLF. */
  forward = '';
  #hosts = 0;
  #connection = '';
  #traceparent = '';
  #tracestate = '';
  #forwardedFor = '';
  #forwardedHost = '';
  #forwardedProto = '';
  #forwardedPrefix = '';

  constructor(incoming: Incoming) {
    const { rawHeaders } = incoming;
    this.#lines(rawHeaders, undefined);
    if (this.#connection !== '') this.#dropNamed(rawHeaders);
    this.#close(incoming);
  }

  #lines(raw: readonly string[], dropped: ReadonlySet<string> | undefined): void {
    for (let index = 0; index < raw.length; index += 2) {
      const name = raw[index] ?? '';
      const value = raw[index + 1] ?? '';
      if (dropped?.has(name.toLowerCase()) === true) continue;
      const { length } = name;
      if ((length < 32 && (LENGTHS >>> length) & 1) || (name.charCodeAt(0) | 0x20) === 0x6f) {
        this.#special(name, name.toLowerCase(), value);
      } else {
        this.forward += `${name}: ${value}\r\n`;
      }
    }
  }

  #special(name: string, lower: string, value: string): void {
    const take = SPECIAL.get(lower);
    if (take !== undefined) take(this, value);
    // No client speaks to the agent in the gateway's name.
    else if (!lower.startsWith('osv-faas-')) this.forward += `${name}: ${value}\r\n`;
  }

  /** `Connection` may name headers that end here. Read again without them; what is ours is set later. */
  #dropNamed(raw: readonly string[]): void {
    const named = this.#connection
      .toLowerCase()
      .split(',')
      .map((token) => token.trim())
      .filter((token) => !KEPT.has(token));
    if (named.length === 0) return;
    this.#reset();
    this.#lines(raw, new Set(named));
  }

  /** As before the first line: what adds up must not add up twice. A fault stays one. */
  #reset(): void {
    this.forward = '';
    this.host = '';
    this.bodyBytes = NO_BODY;
    this.expectsContinue = false;
    this.requestId = '';
    this.upgrade = '';
    this.#hosts = 0;
    this.#traceparent = '';
    this.#tracestate = '';
    this.#forwardedFor = '';
    this.#forwardedHost = '';
    this.#forwardedProto = '';
    this.#forwardedPrefix = '';
  }

  /** The function sees the rest of the path alone. Here it finds what its links must begin with; once a request. */
  strip(prefix: string): void {
    const stripped = this.#forwardedPrefix + prefix;
    if (stripped !== '') this.forward += `x-forwarded-prefix: ${stripped}\r\n`;
  }

  #close({ remote, version, upgrade, authority }: Incoming): void {
    this.#check(version);
    this.#trace();
    // A length of nothing is no length that goes on.
    if (upgrade) this.bodyBytes = NO_BODY;
    if (upgrade) this.forward += `connection: upgrade\r\nupgrade: ${this.upgrade}\r\n`;
    const host = (this.host = authority ?? this.host);
    this.forward +=
      `host: ${host}\r\n` +
      `x-forwarded-for: ${joined(this.#forwardedFor, remote)}\r\n` +
      `x-forwarded-host: ${this.#forwardedHost || host}\r\n` +
      `x-forwarded-proto: ${this.#forwardedProto || 'http'}\r\n` +
      `x-request-id: ${this.requestId}\r\n` +
      `traceparent: ${this.#traceparent}\r\n`;
  }

  #trace(): void {
    const traced = isTraceparent(this.#traceparent);
    if (!traced || this.requestId === '') this.#identify(traced);
    if (traced && this.#tracestate !== '') this.forward += `tracestate: ${this.#tracestate}\r\n`;
  }

  /** A request id of ours is the trace's, so that whoever has one finds the other. */
  #identify(traced: boolean): void {
    const id = traced ? this.#traceparent.slice(3, 35) : newTraceId();
    if (!traced) this.#traceparent = newTraceparent(id);
    if (this.requestId === '') this.requestId = id;
  }

  #check(version: string): void {
    const http10 = version === '1.0';
    if (!http10 && version !== '1.1') this.fault = VERSION;
    this.#checkFraming(http10);
    // RFC 9110, 10.1.1: such a client sends the body anyway, and knows no interim answer.
    if (http10) this.expectsContinue = false;
    if (this.#hosts > 1 || (this.#hosts === 0 && !http10)) {
      this.fault ??= bad('HostInvalid', 'There must be exactly one Host header.');
    }
  }

  #checkFraming(http10: boolean): void {
    if (this.bodyBytes === CHUNKED && http10) {
      this.fault ??= bad('FramingInvalid', 'HTTP/1.0 has no Transfer-Encoding.');
    }
  }

  /** The setters of what is kept apart, by lower-case name. */
  static readonly takers: Readonly<Record<string, (head: RequestHead, value: string) => void>> = {
    host(head, value) {
      head.#hosts += 1;
      head.host = value;
    },
    connection(head, value) {
      const lower = value.toLowerCase();
      if (lower === 'keep-alive' || lower === 'close') return;
      head.#connection = joined(head.#connection, value);
    },
    'content-length'(head, value) {
      if (head.bodyBytes !== NO_BODY || !/^\d{1,15}$/.test(value)) {
        head.fault ??= bad(
          'FramingInvalid',
          'There must be one length, a number, and no encoding.',
        );
      }
      head.bodyBytes = Number(value);
    },
    'transfer-encoding'(head, value) {
      if (head.bodyBytes !== NO_BODY) {
        head.fault ??= bad('FramingInvalid', 'There must be one encoding and no length.');
      }
      if (value.trim().toLowerCase() !== 'chunked') {
        const detail = 'The only transfer encoding that is understood is "chunked".';
        head.fault ??= { status: 501, reason: 'EncodingUnsupported', detail };
      }
      head.bodyBytes = CHUNKED;
    },
    expect(head, value) {
      head.expectsContinue = value.toLowerCase() === '100-continue';
      if (head.expectsContinue) return;
      const detail = 'The only expectation that can be met is "100-continue".';
      head.fault ??= { status: 417, reason: 'ExpectationFailed', detail };
    },
    traceparent(head, value) {
      head.#traceparent = value;
    },
    tracestate(head, value) {
      head.#tracestate = joined(head.#tracestate, value);
    },
    'x-request-id'(head, value) {
      if (isRequestId(value)) head.requestId = value;
    },
    'x-forwarded-for'(head, value) {
      head.#forwardedFor = joined(head.#forwardedFor, value);
    },
    'x-forwarded-host'(head, value) {
      head.#forwardedHost = value;
    },
    'x-forwarded-proto'(head, value) {
      head.#forwardedProto = value;
    },
    'x-forwarded-prefix'(head, value) {
      if (PREFIX.test(value)) head.#forwardedPrefix += value.replace(/\/$/, '');
    },
    upgrade(head, value) {
      head.upgrade = value;
    },
    te: drop,
    trailer: drop,
    'keep-alive': drop,
    'proxy-connection': drop,
    'proxy-authorization': drop,
    'http2-settings': drop,
  };
}

/** Segments of a path: `//host` at the head of a link would lead elsewhere. */
const PREFIX = /^(?:\/[\w.~%!$&'()*+;=:@-]+)+\/?$/;
const SPECIAL = new Map(Object.entries(RequestHead.takers));

/** What `Connection` names without it being a header that ends here, and what it may not take away. */
const KEPT: ReadonlySet<string> = new Set([
  '',
  'keep-alive',
  'close',
  'upgrade',
  'host',
  'content-length',
  'transfer-encoding',
]);

/** Values of a header that came more than once, or is continued. */
function joined(first: string, second: string): string {
  return first === '' ? second : `${first}, ${second}`;
}

function drop(): void {
  // For this hop only.
}

function bad(reason: string, detail: string): HeaderFault {
  return { status: 400, reason, detail };
}
