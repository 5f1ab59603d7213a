import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensors } from '@handgrad/tensor'
import { root } from './source.ts'

/** Where the weights that ship with the site come from. */
export interface Shipped {
  readonly command: string
  readonly commit: string
  readonly testAccuracy: number
}

/** @throws Error for a file that does not say where it comes from. */
export function aboutShipped(): Shipped {
  const file = 'apps/docs/public/weights/seed.safetensors'
  const { metadata } = readSafetensors(readFileSync(join(root, file)))
  const { command, commit, testAccuracy } = metadata ?? {}
  if (command === undefined || commit === undefined || testAccuracy === undefined)
    throw new Error(`${file} does not say where it comes from: node scripts/ship-weights.ts`)
  return { command, commit, testAccuracy: Number(testAccuracy) }
}
