/** A layer as data, by its name in PyTorch: `new Conv2d(1, 8, 3, { padding: 1 })`. A Sequential's arguments are layers. */
export interface LayerCase {
  readonly module: string
  readonly args: readonly (number | readonly number[] | LayerCase)[]
  readonly options: Readonly<Record<string, unknown>>
}

/** What the numbers of a tensor are like; `values.proof.ts` makes them. */
export type Fill =
  | 'normal'
  | 'whole'
  | 'zero'
  | 'flat'
  | 'background'
  | 'signed zeros'
  | 'wide'
  | 'not a number'
  | 'infinite'

/** What a network is to say of each sample: a class, or how probable each class is. */
export type TargetKind = 'int32' | 'int64' | 'uint8' | 'probabilities'

/** A loss as data, with the kind of its target. */
export interface LossCase {
  readonly target: TargetKind
  /** The share of samples that are ignored. */
  readonly ignored: number
  readonly options: {
    readonly weight?: readonly number[]
    readonly ignoreIndex?: number
    readonly labelSmoothing?: number
    readonly reduction?: 'mean' | 'sum' | 'none'
  }
}

/** A network, its loss and its batches as plain data: what `JSON.stringify` keeps is all of it. */
export interface NetworkCase {
  readonly layers: readonly LayerCase[]
  /** The shape of one sample: [C,H,W], [C,L], or [F]. */
  readonly sample: readonly number[]
  /** How many samples each batch has: they follow one another on one network, whose parameters change in between. */
  readonly batches: readonly number[]
  readonly loss: LossCase
  /** All weights, images and targets are drawn from this. */
  readonly seed: number
  readonly input: Fill
  readonly weights: Fill
  /** On how many threads it has to give the bits of one. */
  readonly threads: number
}
