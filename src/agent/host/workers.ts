import { syncBuiltinESMExports } from 'node:module';
import workerThreads, { type WorkerOptions } from 'node:worker_threads';

/**
 * Gives Workers of user code the variables of the function that starts them. Left to itself Node copies the
 * environment of the process, which says things about the VM that are nobody's business; and where a C library frees
 * what Node still points to, as OSv's does once a variable is set, that copy ends the VM.
 */
export function installWorkers(): void {
  const { Worker, SHARE_ENV } = workerThreads;
  class FunctionWorker extends Worker {
    constructor(filename: string | URL, options: WorkerOptions = {}) {
      // Shared it cannot be: what the process has is nobody's, and functions have one each.
      const own = (options.env ?? SHARE_ENV) === SHARE_ENV;
      super(filename, own ? { ...options, env: { ...process.env } } : options);
    }
  }
  Object.defineProperty(FunctionWorker, 'name', { value: 'Worker' });
  workerThreads.Worker = FunctionWorker;
  syncBuiltinESMExports();
}
