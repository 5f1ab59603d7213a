import type { Reporter, TestModule } from 'vitest/node'

/** Prints `N passed, N failed` as the last line: what did not even load counts as a failure. */
class CountReporter implements Reporter {
  #line = ''

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: 'passed' | 'failed'): number =>
      tests.filter((test) => test.result().state === state).length
    // A hook's error is its suite's, and its tests do not run.
    const broken = modules
      .flatMap((module) => [module, ...module.children.allSuites()])
      .filter((suite) => suite.errors().length > 0)
    this.#line = `${count('passed')} passed, ${count('failed') + broken.length + errors.length} failed`
    // After the other reporters' own last words.
    process.once('beforeExit', () => console.log(this.#line))
  }
}

// oxlint-disable-next-line import/no-default-export -- `--reporter=<path>` takes a module's default export
export default CountReporter
