/** The reference of all conditions, from the table that the operator states them from. */
import {
  FUNCTION_CONDITIONS,
  POOL_CONDITIONS,
  type ConditionTable,
} from '../src/operator/conditions.ts';

const HEAD = `<!-- Generated from src/operator/conditions.ts by \`npm run generate\`; do not edit. -->

# Conditions

Reasons are stable words; messages are for people. \`HandlerReady\` may also have a reason of an agent ([agent.md](../agent.md)).
`;

export function conditionReference(): string {
  return `${HEAD}\n${page('Function', FUNCTION_CONDITIONS)}\n${page('OsvPool', POOL_CONDITIONS)}`;
}

function page(kind: string, table: ConditionTable): string {
  const rows = Object.entries(table).flatMap(([type, reasons]) =>
    Object.entries(reasons).map(
      ([reason, [status, means]]) => `| \`${type}\` | ${status} | \`${reason}\` | ${means} |\n`,
    ),
  );
  return `## ${kind}\n\n| condition | status | reason | when |\n|---|---|---|---|\n${rows.join('')}`;
}
