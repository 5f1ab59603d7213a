import type { Io } from '../io.ts'

/** Says on `err` what is being proved: one line, rewritten in place with the number of the case where that can be. */
export function showProgress(
  { err }: Io,
  what: string,
  cases: number,
): { before(i: number): void; end(): void } {
  const clear = (): void => err.write('\r\x1b[K')
  if (!err.live) {
    err.line(`${what}, ${cases} cases`)
    return { before() {}, end() {} }
  }
  return {
    before(i) {
      clear()
      err.write(`${what}, case ${i + 1} of ${cases}`.slice(0, err.columns - 1))
    },
    end: clear,
  }
}
