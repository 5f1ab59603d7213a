import type { Window } from '@handgrad/tensor'
import type { TrainOptions } from '@handgrad/trainer'

/** Which images a run learns from. */
export type DataSet = 'subset' | 'full'

/** What the page asks of the worker. */
export type Request =
  | { type: 'start'; set: DataSet; options: TrainOptions }
  | { type: 'pause' | 'resume' | 'step' | 'stop' }
  | { type: 'look'; id: number; subject: Subject }
  | { type: 'measure' }

/**
 * What is passed through the network: an image of the training set, grey values that the reader drew (through the weights that
 * ship with the site, as long as nothing was trained), or one of the images that were recorded in PyTorch.
 */
export type Subject = { index: number } | { grey: Uint8Array } | { recorded: number }

/** A tensor as it crosses between threads. */
export interface Plain {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/**
 * How a layer reads what goes into it: through windows, in blocks of channels; each number by itself; or everything for each
 * output. Cells are counted in memory's order.
 */
export type Reads =
  | {
      readonly how: 'windows'
      readonly window: Window
      readonly inChannels: number
      readonly outChannels: number
      readonly groups: number
      /** The one cell of the input that each output is, where a maximum was chosen. */
      readonly chosen: Int32Array | null
    }
  | {
      readonly how: 'each'
      /** 1 where the number passed, 0 where it was stopped; null where all pass. */
      readonly passed: Uint8Array | null
    }
  | { readonly how: 'all' }

/** One layer of one pass: what came out of it, the gradient there, and its parameters with theirs. */
export interface Stage {
  /** `Conv2d(1→8, 3×3)`, or `input`. */
  readonly name: string
  /** The name of the class, for the link to its page. */
  readonly kind: string
  readonly value: Plain
  readonly gradient: Plain
  /** How the layer reads the stage before; null for the input. */
  readonly reads: Reads | null
  /** What PyTorch had there, in a recorded pass. */
  readonly torch: { readonly value: Plain; readonly gradient: Plain } | null
  readonly parameters: readonly Parameter[]
}

/** A parameter with its gradient, and the elements of the gradient that PyTorch recorded. */
export interface Parameter {
  readonly name: string
  readonly value: Plain
  readonly gradient: Plain
  readonly torch: { readonly places: Int32Array; readonly values: Float32Array } | null
}

/** Where a recorded pass comes from; its parameters' gradients and its loss are those of the whole batch. */
export interface RecordedFrom {
  readonly torch: string
  readonly seed: number
  readonly step: number
  readonly batch: number
  readonly loss: number
}

/** One image through the network and back. */
export interface Look {
  readonly stages: readonly Stage[]
  readonly probabilities: readonly number[]
  readonly predicted: number
  /** Null for a drawing: then the gradients are of the predicted class's score. */
  readonly label: number | null
  readonly loss: number | null
  readonly recorded: RecordedFrom | null
}

/** A point of the curves: the mean loss and accuracy of the pass so far. */
export interface Point {
  /** Steps since the start. */
  readonly step: number
  readonly epoch: number
  readonly loss: number
  readonly accuracy: number
  readonly imagesPerSecond: number
  readonly secondsLeft: number
}

/** What the worker tells. */
export type Report =
  | { type: 'ready'; images: number; testImages: number; steps: number; threads: number; backend: string }
  | { type: 'point'; point: Point }
  | { type: 'phase'; phase: string }
  | {
      type: 'epoch'
      epoch: number
      epochs: number
      step: number
      trainLoss: number
      validationLoss: number
      validationAccuracy: number
    }
  | { type: 'filters'; weight: Plain }
  | {
      type: 'done'
      testAccuracy: number
      testLoss: number
      imagesPerSecond: number
      seconds: number
      confusion: number[]
    }
  | { type: 'look'; id: number; look: Look }
  | { type: 'measured'; right: number; images: number }
  | { type: 'error'; message: string }
