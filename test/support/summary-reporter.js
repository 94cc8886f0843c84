// Closes every run with the one line that people and CI read:
// `N passed, N failed[, N skipped]`. A suite that cannot even load counts as failed.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export default class SummaryReporter {
  #file;

  constructor(globalConfig) {
    this.#file = join(globalConfig.rootDir, 'coverage', 'summary.txt');
  }

  onRunStart() {
    rmSync(this.#file, { force: true });
  }

  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    mkdirSync(join(this.#file, '..'), { recursive: true });
    writeFileSync(this.#file, `${line}\n`);
    console.log(line);
  }
}
