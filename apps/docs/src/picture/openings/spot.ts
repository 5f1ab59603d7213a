import type { Stage } from '../../workers/protocol.ts'

/** A cell beside one layer: an output, whose value is asked for, or an input, whose gradient is. */
export interface Spot {
  readonly side: 'y' | 'dx'
  readonly cell: number
  /** What goes into the layer. */
  readonly x: Stage
  /** The layer, with what comes out of it. */
  readonly y: Stage
}
