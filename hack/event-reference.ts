/** The reference of Events, from the table that the operator says them from. */
import { EVENTS, type EventKind } from '../src/operator/events/reasons.ts';

const HEAD = `<!-- Generated from src/operator/events/reasons.ts by \`npm run generate\`; do not edit. -->

# Events

\`kubectl events --for function/NAME\` and \`kubectl describe\` show them. What happens again within six minutes is one Event with a count; different ones
of one object and type are 25 at once and then one in five minutes. Of an application at most ten Functions are told.

A condition that turns is an Event too, with the condition's type as \`action\` and its [reason](conditions.md): \`Ready\` either way, \`Progressing\`,
\`VmsHealthy\` and \`Scaling\` when they turn False for anything but \`Settled\`. So a Function says \`DownloadFailed\`, \`LoadFailed\`, \`HostTaken\` or
\`WaitingForPool\`, and a pool \`CreateRefused\`, \`MaxVms\`, \`Unschedulable\`, \`VmiRefused\`, \`StartFailing\`, \`GuestFailing\` or \`GuestOutOfMemory\`.

| reason | type | on | when |
|---|---|---|---|
`;

export function eventReference(): string {
  const rows = Object.entries<EventKind>(EVENTS).map(
    ([reason, { type, on, means }]) => `| \`${reason}\` | ${type} | ${on} | ${means} |\n`,
  );
  return HEAD + rows.join('');
}
