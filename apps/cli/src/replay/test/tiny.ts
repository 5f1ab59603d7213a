import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FloatDType, saveSafetensors, type Tensor, tensor } from '@handgrad/tensor'
import type { RunRecord } from '../record.ts'
import { linear, recordOf, t } from './by-hand.ts'

/**
 * One weight column for two classes, x = 1, class 0, lr 1: w = [0, 0] first. Every number by hand: z = w, p = softmax,
 * loss = −log p₀, w − lr · [p₀ − 1, p₁].
 */
export function tiny(
  dtype: FloatDType,
  change: (tensors: Record<string, Tensor>) => void = () => {},
): RunRecord {
  const names = ['x', 'y.0', 'loss', 'dy.0', 'dx', 'p.0.weight', 'd.0.weight', 'next.0.weight']
  const tensors: Record<string, Tensor> = {
    losses: t([0, 0]),
    lr: t([1, 1]),
    momentum: t([0, 0]),
  }
  let w = [0, 0]
  for (const k of [0, 1]) {
    const p1 = 1 / (1 + Math.exp(w[0] - w[1]))
    const dy = [-p1, p1]
    const next = [w[0] + p1, w[1] - p1]
    const loss = -Math.log(1 - p1)
    tensors.losses.data[k] = loss
    tensors[`${k}/batch.x`] = t([[1]], dtype)
    tensors[`${k}/state.0.weight`] = t([[w[0]], [w[1]]], dtype)
    const values = [[1], w, [loss], dy, [dy[0] * w[0] + dy[1] * w[1]], w, dy, next]
    names.forEach((name, i) => (tensors[`${k}/${name}`] = t(values[i], dtype)))
    const norm = (all: readonly number[]): number =>
      Math.sqrt(all.reduce((sum, value) => sum + value * value, 0))
    tensors[`${k}/stats`] = t(
      values.map((all) => [all.reduce((a, b) => a + b, 0), norm(all), Math.min(...all), Math.max(...all), 0]),
    )
    w = next
  }
  change(tensors)
  const targets = { '0/batch.y': tensor(Int32Array.of(0)), '1/batch.y': tensor(Int32Array.of(0)) }
  const about = {
    model: [linear(1, 2, false)],
    optimizer: { torch: 'SGD', options: { lr: 9, momentum: 0 } },
    steps: 2,
    at: [0, 1],
    dtype,
    tensors: names,
  }
  return recordOf(about, { ...tensors, ...targets })
}

/** Writes a record as fixtures/record.py does, into `folder`, which is made. */
export function writeRecord(folder: string, { about, tensors }: RunRecord): void {
  mkdirSync(folder)
  writeFileSync(join(folder, 'run.json'), JSON.stringify(about))
  writeFileSync(join(folder, 'record.safetensors'), saveSafetensors({ ...tensors }))
}
