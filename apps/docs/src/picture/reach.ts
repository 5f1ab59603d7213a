import { range } from '../widgets/format.ts'
import type { Reads, Stage } from '../workers/protocol.ts'

type Windows = Extract<Reads, { how: 'windows' }>

/** A cell on the other side of a layer, and the tap of the kernel (0 where there is none) that ties the two together. */
export interface Tie {
  readonly cell: number
  readonly tap: number
}

/** What a cell has to do with the cells of one stage. */
export interface Reach {
  /** 1 where the one is computed from the other. */
  readonly read: Uint8Array
  /** 1 where it also moves with it, as things are: no ReLU stops it, and each maximum on the way was the one. */
  readonly moves: Uint8Array
}

const sizeOf = ({ value }: Stage): number => value.data.length

function windowInputs({ window, inChannels, outChannels, groups }: Windows, output: number): Tie[] {
  const { H, W, Kh, Kw, sh, sw, ph, pw, dh, dw, Ho, Wo } = window
  const own = inChannels / groups
  const first = Math.floor(Math.floor(output / (Ho * Wo)) / (outChannels / groups)) * own
  const top = (Math.floor(output / Wo) % Ho) * sh - ph
  const left = (output % Wo) * sw - pw
  return range(own).flatMap((c) =>
    range(Kh * Kw).flatMap((tap): Tie[] => {
      const row = top + Math.floor(tap / Kw) * dh
      const column = left + (tap % Kw) * dw
      const outside = row < 0 || row >= H || column < 0 || column >= W
      return outside ? [] : [{ cell: ((first + c) * H + row) * W + column, tap }]
    }),
  )
}

function windowReaders({ window, inChannels, outChannels, groups }: Windows, input: number): Tie[] {
  const { H, W, Kh, Kw, sh, sw, ph, pw, dh, dw, Ho, Wo } = window
  const own = outChannels / groups
  const first = Math.floor(Math.floor(input / (H * W)) / (inChannels / groups)) * own
  const row = (Math.floor(input / W) % H) + ph
  const column = (input % W) + pw
  return range(own).flatMap((o) =>
    range(Kh * Kw).flatMap((tap): Tie[] => {
      const h = (row - Math.floor(tap / Kw) * dh) / sh
      const v = (column - (tap % Kw) * dw) / sw
      const missing = !Number.isInteger(h) || !Number.isInteger(v) || h < 0 || h >= Ho || v < 0 || v >= Wo
      return missing ? [] : [{ cell: ((first + o) * Ho + h) * Wo + v, tap }]
    }),
  )
}

const whole = (cell: number): Tie => ({ cell, tap: 0 })

/** The cells of an input of `inputs` numbers that the layer reads for one output. */
export function inputsOf(reads: Reads, output: number, inputs: number): Tie[] {
  if (reads.how === 'windows') return windowInputs(reads, output)
  return reads.how === 'each' ? [whole(output)] : range(inputs).map(whole)
}

/** The cells of an output of `outputs` numbers for which the layer reads one input. */
export function readersOf(reads: Reads, input: number, outputs: number): Tie[] {
  if (reads.how === 'windows') return windowReaders(reads, input)
  return reads.how === 'each' ? [whole(input)] : range(outputs).map(whole)
}

/** Whether the output moves with an input that the layer reads for it. */
export function movesWith(reads: Reads, output: number, input: number): boolean {
  if (reads.how === 'windows') return reads.chosen === null || reads.chosen[output] === input
  return reads.how === 'all' || reads.passed === null || reads.passed[input] === 1
}

function cellsOf(mask: Uint8Array): number[] {
  const cells: number[] = []
  for (let cell = mask.indexOf(1); cell >= 0; cell = mask.indexOf(1, cell + 1)) cells.push(cell)
  return cells
}

/** What is tied, by `ties`, to any cell of `from`. */
function spread(from: Uint8Array, size: number, ties: (cell: number) => readonly Tie[]): Uint8Array {
  const mask = new Uint8Array(size)
  for (const cell of cellsOf(from)) for (const tie of ties(cell)) mask[tie.cell] = 1
  return mask
}

function before(reads: Reads, { read, moves }: Reach, size: number): Reach {
  return {
    read: spread(read, size, (cell) => inputsOf(reads, cell, size)),
    moves: spread(moves, size, (output) =>
      inputsOf(reads, output, size).filter(({ cell }) => movesWith(reads, output, cell)),
    ),
  }
}

function behind(reads: Reads, { read, moves }: Reach, size: number): Reach {
  return {
    read: spread(read, size, (cell) => readersOf(reads, cell, size)),
    moves: spread(moves, size, (input) =>
      readersOf(reads, input, size).filter(({ cell }) => movesWith(reads, cell, input)),
    ),
  }
}

/** For each stage, which of its cells the one cell of stage `at` is computed from, or is read for. */
export function reachOf(stages: readonly Stage[], at: number, cell: number): Reach[] {
  const own = new Uint8Array(sizeOf(stages[at]))
  own[cell] = 1
  const reach: Reach[] = []
  reach[at] = { read: own, moves: own }
  for (let i = at; i > 0; i--) reach[i - 1] = before(stages[i].reads!, reach[i], sizeOf(stages[i - 1]))
  for (let i = at + 1; i < stages.length; i++)
    reach[i] = behind(stages[i].reads!, reach[i - 1], sizeOf(stages[i]))
  return reach
}
