import { registerKernels } from '@handgrad/tensor'

/** The smallest module there is, in the letters of a generated module: no kernel in it. */
const empty = "&|/|A|;'&&&"
/** The same as a difference: its eight bytes are new, and none is copied. */
const unchanged = ".&|/|A|;'&&&&&&"

/** Makes all backends known, though nothing runs on them but `reference`. */
export function provideBackends(): void {
  registerKernels('test', { fused: empty, plain: unchanged })
}
