import type { NodeKind, NodeOptions } from '../integration/agent/node-kind.ts';
import { startOsvGuest } from './osv.ts';

/** The Node agent in guests of 128 MiB, each with its own QEMU. */
export const NODE_IN_OSV: NodeKind = {
  name: 'node, in OSv',
  slowness: 10,
  start: ({ nodeArgs = ['--max-old-space-size=32'], ...options }: NodeOptions = {}) =>
    startOsvGuest({ ...options, command: ['/node', ...nodeArgs, '/agent/main.js'] }),
};
