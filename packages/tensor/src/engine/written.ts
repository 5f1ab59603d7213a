import type { Generator } from '../generator.ts'
import type { Tensor } from '../tensor.ts'
import type { Arg, Buffer, Ref, Value } from './value.ts'

/** One kernel as a layer writes it down. */
export interface WrittenCall {
  readonly kernel: string
  readonly args: readonly Arg[]
}

/** What a list holds: calls, the ends of phases, and wishes to work in place. */
export type Item =
  /** `fills`: all that the call does is to fill this from what the batch has, so that each phase may do it by itself. */
  | { readonly kind: 'call'; readonly call: WrittenCall; readonly fills?: Buffer }
  /** All shards come so far before one goes on; then `calls`, once a batch. */
  | { readonly kind: 'end'; readonly calls: readonly WrittenCall[] }
  /** What follows may write `into` where `from` lies, if nobody reads that afterwards. */
  | { readonly kind: 'in place'; readonly from: Buffer; readonly into: Buffer }

/** A parameter's gradient: its slots, where its elements lie in them, and where they are gathered; null where they lie as torch has them. */
export interface Gradient {
  readonly tensor: Tensor
  readonly slot: Buffer
  readonly gathered: { readonly to: Buffer; readonly map: Ref; readonly length: number } | null
}

/** Random numbers of a batch: drawn on the calling thread, for all samples at once, before any of them is computed. */
export interface Draw {
  readonly layer: object
  readonly buffer: Buffer
  /** What `draw` draws from. */
  readonly generator: Generator
  readonly draw: () => Float32Array
}

/** Numbers of all samples that whoever runs the program writes or reads. */
export interface Cells {
  readonly buffer: Buffer
  readonly value: Value
}
