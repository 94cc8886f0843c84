import { redact } from '../../../domain/redact.ts';
import type { RequestRecord } from '../request-record.ts';

/** Characters of a cause that are kept, before addresses and secrets of URLs are masked. */
const MAX_CAUSE = 512;
const NEEDS_ESCAPE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
/** The time of the last line: a busy gateway writes many in the same millisecond. */
let lastMs = -1;
let lastTime = '';

/** One request as a line of JSON; docs/gateway.md lists the fields. Times are microseconds. */
export function accessLine(record: RequestRecord, now: number): string {
  const { req, head, route, arrivedAt, startedAt, answeredAt } = record;
  const queued = (startedAt === 0 ? now : startedAt) - arrivedAt;
  const first = answeredAt === 0 ? -1 : micros(answeredAt - arrivedAt);
  return (
    `{"time":"${timeText(Date.now())}","client":"${record.link.remote}",` +
    `"method":"${req.method ?? ''}","host":${quoted(head.host)},"path":${quoted(pathOf(req.url ?? ''))},` +
    `"status":${record.status},"function":"${route?.key ?? ''}","vm":"${record.vmId}",` +
    `"requestId":"${head.requestId}","bytesIn":${record.bytesIn},"bytesOut":${record.bytesOut},` +
    `"queueUs":${micros(queued)},"firstByteUs":${first},"totalUs":${micros(now - arrivedAt)},` +
    `"attempts":${record.attempts},"reason":${quoted(record.reason)}${causeField(record.cause)}}\n`
  );
}

/** Most requests have none, and most lines are not longer for it. */
function causeField(cause: string): string {
  return cause === '' ? '' : `,"cause":${quoted(redact(cause.slice(0, MAX_CAUSE)))}`;
}

function micros(ms: number): number {
  return Math.round(ms * 1000);
}

/** Queries hold secrets often enough; they stay out of logs. */
function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? escaped(text) : `"${text}"`;
}

/** ASCII only, so that the writer need not know an encoding. */
function escaped(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function timeText(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms;
    lastTime = new Date(ms).toISOString();
  }
  return lastTime;
}
