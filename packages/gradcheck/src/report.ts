import type { View } from './result.ts'
import type { KnownScore } from './scores.ts'
import type { Survey } from './survey.ts'

/** Raised when the meaning or the name of anything in a {@link Report} changes. */
export const REPORT_VERSION = 1

/**
 * `report.json`, which `pnpm report` writes and the docs site reads: what was found when everything was proved.
 *
 * Numbers that JSON does not have, NaN and infinities, are null there.
 */
export interface Report {
  /** {@link REPORT_VERSION}. */
  readonly version: number
  /** What was proved, and by what: the commit (`-dirty` where files had changed since), null outside a repository. */
  readonly made: {
    readonly versions: Readonly<Record<string, string>>
    readonly platform: string
    readonly commit: string | null
  }
  readonly totals: ReportTotals
  /** The upper ends of the histograms' bins in ULP; the last bin of a histogram has none. */
  readonly histogramBins: readonly number[]
  /** One for each layer, loss, optimizer and network. */
  readonly specs: readonly SpecReport[]
  /** Mistakes that nobody chose, by file, as `pnpm mutants --auto --save` left them. */
  readonly scores: readonly KnownScore[]
  /** Null where they were left out. */
  readonly mutants: readonly MutantReport[] | null
  /** Null where they were left out: how networks learn with a mistake in their gradients. */
  readonly curves: readonly TrainingCurve[] | null
}

/** All specs added up. */
export interface ReportTotals {
  readonly specs: number
  readonly cases: number
  readonly errorCases: number
  /** Lines of derivations. */
  readonly lines: number
  /** Lines times the cases that each was evaluated on. */
  readonly steps: number
  readonly coordinates: number
  readonly skipped: number
  readonly mutants: number
  readonly caught: number
  readonly problems: number
}

/** A {@link Survey}, and where in the repository it comes from. */
export interface SpecReport extends Survey {
  /** `packages/layers/src/conv2d` */
  readonly source: string
  /** `fixtures/conv2d` */
  readonly fixtures: string
}

/** A mutant, and what noticed it. */
export interface MutantReport {
  readonly spec: string
  readonly mutant: string
  /** On which kernels it was hunted. */
  readonly backend: string
  /** The views that noticed, in the order in which they did; none where it survived. */
  readonly views: readonly View[]
  /** The case at which it was first noticed. */
  readonly at: string | null
  readonly message: string | null
  /** From loading the code with the mistake to the first notice. */
  readonly milliseconds: number
}

/** How a network learned, with a mistake in its gradients or without. */
export interface TrainingCurve {
  /** The mutant that was injected; null for the library as it is. */
  readonly mutant: { readonly name: string; readonly spec: string } | null
  /** What decides the run: the fields of the trainer's config that differ from its defaults. */
  readonly config: Readonly<Record<string, string | number>>
  readonly epochs: readonly CurvePoint[]
  readonly testLoss: number
  readonly testAccuracy: number
}

/** Loss and accuracy of an epoch; accuracies are shares. */
export interface CurvePoint {
  readonly epoch: number
  readonly trainLoss: number
  readonly trainAccuracy: number
  readonly validationLoss: number
  readonly validationAccuracy: number
}
