import { exercises as conv2d } from './conv2d.ts'
import { exercises as elementwise } from './elementwise.ts'
import { bugOf, type Exercise } from './exercise.ts'
import { exercises as linear } from './linear.ts'
import { exercises as loss } from './loss.ts'
import { exercises as optimizers } from './optimizers.ts'
import { exercises as pool } from './pool.ts'

/** The exercises to write, in the order of the course. */
export const written: readonly Exercise[] = [
  ...linear,
  ...elementwise,
  ...pool,
  ...conv2d,
  ...loss,
  ...optimizers,
]

/** Which mistake is to be found in which exercise, by its place. */
const bugs: readonly (readonly [id: string, mistake: number])[] = [
  ['linear-db', 0],
  ['relu-dx', 1],
  ['flatten-dx', 0],
  ['dropout-dx', 0],
  ['max-pool-dx', 1],
  ['conv2d-dw', 0],
  ['conv2d-dx', 0],
  ['conv2d-dx-stride', 1],
  ['cross-entropy-dz', 0],
  ['adam', 1],
]

/** All exercises: those to write, then those with a bug to find. */
export const exercises: readonly Exercise[] = [
  ...written,
  ...bugs.map(([id, mistake], i) => bugOf(written.find((one) => one.id === id)!, mistake, i + 1)),
]
