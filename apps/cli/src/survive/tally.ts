/** Counts what passed, what failed, and the kills on the way. */
export class Tally {
  passed = 0
  failed = 0
  kills = 0
  readonly #print: (line: string) => void

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  pass(): void {
    this.passed++
  }

  fail(problem: string): void {
    this.failed++
    this.#print(`FAILED ${problem}`)
  }
}
