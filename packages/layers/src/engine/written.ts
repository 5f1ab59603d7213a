import { type Buffer, type Linked, link, type Routes } from '@handgrad/tensor'
import type { Layer } from '../layer.ts'
import { type Chain, chainOf } from './compile.ts'

/**
 * `kept`: what the way back needs lies in memory from forward on. `forward`: there is none. `again`: the way back runs
 * forward once more, each micro-batch.
 */
type Form = 'kept' | 'forward' | 'again'

const routes: Readonly<Record<Form, Routes>> = {
  kept: [
    [['forward'], ['with']],
    [['forward'], ['without']],
  ],
  forward: [[['forward']]],
  again: [[['forward', 'with']], [['forward', 'without']]],
}

/**
 * A chain with its ways back, and the program that all of it makes.
 * @internal
 */
export interface Written {
  readonly chain: Chain
  readonly linked: Linked
  readonly y: Buffer | null
  readonly dy: Buffer | null
  readonly dx: Buffer | null
}

/** Bytes of an input that one layer alone computes in less time than it takes to hand them out. */
const SMALL = 1 << 16

/**
 * Layers for batches of one shape, as a program of a form; null where the first of them has no kernels.
 * `isAlone`: one layer, used by itself.
 * @internal
 */
export function write(
  layers: readonly Layer[],
  shape: readonly number[],
  form: Form,
  isAlone: boolean,
): Written | null {
  const chain = chainOf(layers, shape, form !== 'forward')
  if (chain === null) return null
  const { compiler, input, output } = chain
  if (isAlone && compiler.samples * input.buffer.bytes < SMALL) compiler.mostShards = 1
  const y = form === 'again' ? null : compiler.output(output)
  if (form === 'forward') return { chain, linked: link(compiler, routes[form]), y, dy: null, dx: null }
  const { C, H, W, cell, rank } = output
  const dy = compiler.take('batch', C * H * W * 4)
  const back = (list: string, inputGrad: boolean): Buffer | null => {
    compiler.list(list)
    const gradient = compiler.imageFrom(dy, C, H, W, { align: cell / 4 }, rank)
    const dx = compiler.return(output, gradient, input.value, inputGrad)
    return dx === null ? null : compiler.output(dx)
  }
  const dx = back('with', true)
  back('without', false)
  return { chain, linked: link(compiler, routes[form]), y, dy: dy.buffer, dx }
}
