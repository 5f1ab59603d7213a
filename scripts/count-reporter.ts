import type { Reporter, TestModule } from 'vitest/node'

/** Prints `N passed, N failed` as the last line: what did not even load counts as a failure. */
class CountReporter implements Reporter {
  #line = ''

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const states = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    )
    const passed = states.filter((state) => state === 'passed').length
    const failed = states.filter((state) => state === 'failed').length
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length
    this.#line = `${passed} passed, ${failed + broken} failed`
    // After the other reporters' own last words.
    process.once('beforeExit', () => console.log(this.#line))
  }
}

// oxlint-disable-next-line import/no-default-export -- `--reporter=<path>` takes a module's default export
export default CountReporter
