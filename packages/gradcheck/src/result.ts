import type { BackendName } from '@handgrad/tensor'
import type { Coordinate } from './differences/judge.ts'
import type { StepResult } from './equations/check.ts'
import type { FixtureFile } from './fixture.ts'
import type { Tensors } from './materialize.ts'

/** What the exporter left of one spec. */
export interface Fixture {
  readonly file: FixtureFile
  readonly inputs: Tensors
  readonly golden: Tensors
  /** By case: the hash of the inputs that the golden values were made from. */
  readonly goldenHashes: Readonly<Record<string, string>>
  /** By error case: what torch says. */
  readonly torchErrors: Readonly<Record<string, string | null>>
}

/** The independent ways in which a pass is checked. */
export type View =
  | 'fixture'
  | 'golden'
  | 'differences'
  | 'adjoint'
  | 'state'
  | 'vacuity'
  | 'equations'
  | 'error'

/** One thing that is wrong. */
export interface Problem {
  readonly view: View
  readonly message: string
}

/** What was found for one case. */
export interface CaseResult {
  readonly name: string
  readonly problems: readonly Problem[]
  readonly measures: readonly Measure[]
  /** The backends on which its float32 run really was on kernels, and not on `reference` in their place. */
  readonly onKernels: readonly BackendName[]
  /** By line of the derivation: what its evaluation found. */
  readonly steps: readonly StepResult[]
  /** Coordinates compared with finite differences, and those skipped as kinks. */
  readonly coordinates: number
  readonly skipped: number
  /** The coordinate where `bwd()` and finite differences are furthest apart; null where nothing was differenced. */
  readonly furthest: Furthest | null
}

/** A coordinate of a gradient, both ways. */
export interface Furthest extends Coordinate {
  /** `dx`, `dweight`. */
  readonly tensor: string
  /** |analytic − numeric|. */
  readonly error: number
}

/** How far one tensor of one case is from the float64 truth, ours and torch's, both in float32. */
export interface Measure {
  readonly tensor: string
  readonly backend: BackendName
  /** Largest |ours − truth|. */
  readonly ours: number
  /** Largest |torch's float32 − truth|. */
  readonly torch: number
  /** The smallest error that counts. */
  readonly floor: number
  /** max(ours, floor) / max(torch, floor). */
  readonly ratio: number
  /** `ours` and `torch` in units in the last place of the largest true value. */
  readonly ulps: number
  readonly torchUlps: number
  /** How many elements are how far off, each in units in the last place of its own true value. */
  readonly histograms: { readonly ours: readonly number[]; readonly torch: readonly number[] }
}
