import { Compiler } from '../src/engine/compiler.ts'
import type { Linked, Routes } from '../src/engine/link.ts'
import type { Call, Place } from '../src/engine/program.ts'
import type { Value } from '../src/engine/value.ts'

/** One list that is run as a whole. */
export const ALL: Routes = [[['forward']]]
/** README's loop: forward, then a way back of one form or the other. */
export const LOOP: Routes = [
  [['forward'], ['with']],
  [['forward'], ['without']],
]
export const SAMPLES = 6

export const compiler = (): Compiler => new Compiler(SAMPLES, 2, true)
/** An image of one cell of 4 floats, or more. */
export const image = (c: Compiler, cells = 1): Value => c.image(4, 1, cells, {})
export const at = ({ placeOf }: Linked, { ref }: Value): Place => placeOf(ref.buffer)
/** The calls of a phase by their kernels, in order. */
export const names = (calls: readonly Call[]): string[] => calls.map(({ kernel }) => kernel)
export const bodies = ({ program }: Linked): string[][] => program.phases.map(({ body }) => names(body))
