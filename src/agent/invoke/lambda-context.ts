import { totalmem } from 'node:os';
import type { Invocation } from './invocation.ts';

/** The Node callback: an error or a result. */
export type Completion = (error?: unknown, result?: unknown) => void;

const MIB = 1024 * 1024;

/** The `context` of AWS Lambda, with an abort `signal` in addition. */
export function lambdaContext(
  invocation: Invocation,
  finish: Completion,
): Readonly<Record<string, unknown>> {
  const { fn } = invocation;
  return {
    functionName: fn.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `urn:osv-faas:function:${fn.name}`,
    memoryLimitInMB: String(Math.round(totalmem() / MIB)),
    awsRequestId: invocation.requestId,
    logGroupName: `/osv-faas/${fn.name}`,
    logStreamName: fn.spec.digest,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () =>
      Math.max(0, Math.round(invocation.deadline - performance.now())),
    get signal() {
      return invocation.signal;
    },
    done: finish,
    fail: (error: unknown) => {
      finish(error ?? new Error('failed'));
    },
    succeed: (result: unknown) => {
      finish(undefined, result);
    },
  };
}
