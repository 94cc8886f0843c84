import type { NodeKind, NodeOptions } from '../integration/agent/node-kind.ts';
import { startOsvGuest } from './osv.ts';

const MAIN = '/agent/main.js';

/** The Node agent in guests of 128 MiB, each with its own QEMU. */
export const NODE_IN_OSV: NodeKind = {
  name: 'node, in OSv',
  slowness: 10,
  start: ({ nodeArgs, ...options }: NodeOptions = {}) => {
    const command = nodeArgs === undefined ? {} : { command: ['/node', ...nodeArgs, MAIN] };
    return startOsvGuest({ ...options, ...command });
  },
};
