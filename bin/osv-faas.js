#!/usr/bin/env node
// The command. From a checkout Node runs the TypeScript as it is; a shipped
// package or image has dist/ instead of src/.
import { existsSync } from 'node:fs';
import './check-node.js';

const source = new URL('../src/cli/main.ts', import.meta.url);
const built = new URL('../dist/cli/main.js', import.meta.url);
const { main } = await import((existsSync(source) ? source : built).href);
await main(process.argv);
