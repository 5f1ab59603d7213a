import type { FixtureCase } from '../fixture.ts'
import type { Spec } from '../spec.ts'
import type { Precision } from '../ulp.ts'

/** Raised when the meaning of anything in a pack changes. */
export const PACK_SCHEMA = 2

/** What is wrong with a pack itself. */
export class PackError extends Error {
  override readonly name = 'PackError'
}

/**
 * Why nothing can be concluded in a type: rounding the inputs changes the answer by more than rounding explains (a tie, a
 * steep function); infinite or NaN values, or too large ones; a tolerance as large as the largest value; no equations.
 */
export type Not = 'steep' | 'wild' | 'loose' | 'underived'

/** One golden tensor of a case. */
export interface PackOutput {
  /** `y`, `dx`, `dweight`; `weight.2` is a parameter after an optimizer's second step, `lr` a rate before each step. */
  readonly name: string
  readonly shape: readonly number[]
  /** How far an element may be from the float64 value; left out where nothing can be concluded in that type. */
  readonly allowed: Readonly<Partial<Record<Precision, number>>>
  /** Why a type is left out. */
  readonly not?: Readonly<Partial<Record<Precision, Not>>>
  /** PyTorch's own float32 is this rounded, bit for bit; where it is not, `expected` has `steps/<name>`. */
  readonly single: boolean
}

/** `case.json`. */
export interface PackCase extends FixtureCase {
  /** Its folder below `cases/`: unique in the pack. */
  readonly id: string
  readonly kind: Spec['kind']
  readonly outputs: readonly PackOutput[]
}

/** `manifest.json`. */
export interface PackManifest {
  readonly schema: number
  /** The version that computed the golden values. */
  readonly torch: string
  /** By folder: the version that computed it, where that is another one; left out where there is none. */
  readonly otherTorch?: Readonly<Record<string, string>>
  /** By folder: the vector instructions of the CPU that it ran on. */
  readonly cpu: Readonly<Record<string, string>>
  readonly licence: 'CC0-1.0'
  /** By case: the SHA-256 of the bytes of its files, one after the other: case.json, inputs and expected as below. */
  readonly cases: Readonly<Record<string, string>>
}

/** The files of a case, in the order of its digest. */
export const caseFiles = [
  'case.json',
  'inputs.safetensors',
  'inputs.npz',
  'expected.safetensors',
  'expected.npz',
] as const
