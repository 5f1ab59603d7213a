import type { Buffer, Call, Linked, Place, Program } from '@handgrad/tensor'
import type { Layer } from '../layer.ts'

/** A place in a buffer: which one of the program's, and how many bytes from its start. */
export interface BufferPlace {
  readonly buffer: number
  readonly offset: number
}

/** One call of a kernel. */
export interface ProgramStep {
  /** The kernel, as `package/name`. */
  readonly kernel: string
  /**
   * The layer that wrote it down; null for what the engine adds: copies of input and output, sums over the shards, sums of
   * gradients.
   */
  readonly layer: string | null
  /** Numbers, places, and `count`: the samples of the micro-batch at hand. */
  readonly args: readonly (number | 'count' | BufferPlace)[]
}

/** A stretch of a program that all shards end before the next one begins. */
export interface ProgramPhase {
  /** What runs it; without the input's gradient only the first part of a network goes back. */
  readonly of: 'forward' | 'backward' | 'backward without inputGrad'
  /** Once a shard. */
  readonly begin: readonly ProgramStep[]
  /** Micro-batch after micro-batch. */
  readonly body: readonly ProgramStep[]
  /** Once a batch, when all shards have ended. */
  readonly end: readonly ProgramStep[]
}

/** A stretch of memory; what is written in place of something else lies in the same one. */
export interface ProgramBuffer {
  /** What it is for: see the engine's `Kind`. */
  readonly kind: Buffer['kind']
  /** Where it lies: in the program's own block, in a thread's scratch, or in a shard's slot. */
  readonly space: Place['space']
  /** Bytes from the start of that space. */
  readonly offset: number
  /** All its bytes. */
  readonly bytes: number
  /** Those of one sample, where each has its own; else null. */
  readonly perSample: number | null
  /** Whether it is kept from one phase to another: for the way back, or behind a sum over the batch. */
  readonly kept: boolean
  /** The layer that took it; null for the engine's. */
  readonly layer: string | null
}

/** A program as data. */
export interface ProgramData {
  /** Samples of a batch; into how many shards it is cut; samples of each that go through a phase at a time, at most. */
  readonly samples: number
  readonly shards: number
  readonly micro: number
  /** Once a batch, before all phases: parameters into the kernels' layouts. */
  readonly prepare: readonly ProgramStep[]
  readonly phases: readonly ProgramPhase[]
  readonly buffers: readonly ProgramBuffer[]
  /** `fixed` once, of these `kept` for later phases; `scratch` for each thread; `slot` for each shard. */
  readonly bytes: Program['bytes'] & { readonly kept: number }
}

const nameOf = (layer: object | undefined): string | null =>
  layer === undefined ? null : (layer as Layer).describe()

/**
 * What a linked program is, with the names of the layers that wrote it down.
 * @internal
 */
export function programData(linked: Linked): ProgramData {
  const { program, stretches, placeOf, kept, writers } = linked
  const { samples, shards, micro, bytes } = program
  const buffers: ProgramBuffer[] = []
  for (const buffer of linked.buffers) {
    const { space, offset, stride } = placeOf(buffer)
    if (buffers.some((known) => known.space === space && known.offset === offset)) continue
    const { kind } = buffer
    const perSample = kind === 'batch' || kind === 'sample' ? buffer.bytes : null
    buffers.push({
      kind,
      space,
      offset,
      bytes: perSample === null ? buffer.bytes : perSample * (stride > 0 ? samples : micro),
      perSample,
      kept: kind === 'sample' && space === 'fixed',
      layer: nameOf(writers.get(buffer)),
    })
  }
  const inBuffer = ({ space, offset }: Place): BufferPlace => {
    const at = buffers.findIndex(
      ({ space: own, offset: from, bytes: size }) =>
        own === space && (offset === from || (offset > from && offset < from + size)),
    )
    return { buffer: at, offset: offset - buffers[at].offset }
  }
  const step = (call: Call): ProgramStep => ({
    kernel: call.kernel,
    layer: nameOf(writers.get(call)),
    args: call.args.map((arg) => (typeof arg === 'object' ? inBuffer(arg) : arg)),
  })
  const phases = [...stretches].flatMap(([name, [from, to]]) =>
    program.phases.slice(from, to).map(
      ({ begin, body, end }): ProgramPhase => ({
        of: phaseOf(name),
        begin: begin.map(step),
        body: body.map(step),
        end: end.map(step),
      }),
    ),
  )
  const prepare = program.prepare.map(step)
  return { samples, shards, micro, prepare, phases, buffers, bytes: { ...bytes, kept } }
}

/** By the lists of which a stretch is made: the last one says who runs it. */
function phaseOf(stretch: string): ProgramPhase['of'] {
  const list = stretch.split('+').at(-1)
  if (list === 'forward') return 'forward'
  return list === 'with' ? 'backward' : 'backward without inputGrad'
}
