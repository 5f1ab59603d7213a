import type { Compiler, Value, Window, Wish } from '@handgrad/tensor'
import type { Compiled, Layer } from '../layer.ts'
import { compileColumns } from './compile-columns.ts'
import { compileDirect } from './compile-direct.ts'
import { compilePooled } from './compile-pooled.ts'
import type { Convolution } from './convolution.ts'
import { borderFor, isDirect } from './pack.ts'

/**
 * What the kernels of a convolution want around their input: the border that the padding needs.
 * @internal
 */
export function wishOf(layer: Convolution, win: Window): Wish {
  return isDirect(layer, win) ? { ...borderFor(win), align: 1 } : { align: 1 }
}

/**
 * Picks the kernels: pooled where ReLU and a 2 × 2 pooling follow, direct for stride 1, else columns, which fit always.
 * @internal
 */
export function compileConvolution(
  layer: Convolution,
  win: Window,
  x: Value,
  c: Compiler,
  next: readonly Layer[],
): Compiled {
  const wish = next[0]?.kernelWish(layer.outChannels, win.Ho, win.Wo) ?? {}
  if (!isDirect(layer, win)) return compileColumns(layer, x, win, c, wish)
  return compilePooled(layer, x, win, c, next) ?? compileDirect(layer, x, win, c, wish)
}
