import { Linear } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'
import { range } from '../widgets/format.ts'
import { cell, type Explanation, type Explorer, type OptionValues } from './explorer.ts'
import { smallNumbers } from './numbers.ts'
import { pass } from './pass.ts'

const options = {
  rows: { label: 'samples N', min: 1, max: 4, value: 2 },
  inFeatures: { label: 'input features', min: 1, max: 5, value: 4 },
  outFeatures: { label: 'output features', min: 1, max: 10, value: 3 },
}
type Values = OptionValues<typeof options>
type Tensors = Readonly<Record<string, Tensor>>

function explainY([n, o]: readonly number[], tensors: Tensors, { inFeatures }: Values): Explanation {
  const terms = range(inFeatures).map((k) => ({
    factors: [cell(tensors, 'x', [n, k]), cell(tensors, 'w', [o, k])],
  }))
  return {
    rule: 'A row of x times a row of w, cell by cell, and the bias.',
    terms: [...terms, { factors: [cell(tensors, 'b', [o])], note: 'bias' }],
  }
}

function explainDx([n, k]: readonly number[], tensors: Tensors, { outFeatures }: Values): Explanation {
  const terms = range(outFeatures).map((o) => ({
    factors: [cell(tensors, 'dy', [n, o]), cell(tensors, 'w', [o, k])],
  }))
  return { rule: 'Every output read this input once: add up what each sends back.', terms }
}

function explainDw([o, k]: readonly number[], tensors: Tensors, { rows }: Values): Explanation {
  const terms = range(rows).map((n) => ({
    factors: [cell(tensors, 'dy', [n, o]), cell(tensors, 'x', [n, k])],
  }))
  return { rule: 'Every sample used this weight once: add up over the samples.', terms }
}

function explainDb([o]: readonly number[], tensors: Tensors, { rows }: Values): Explanation {
  const terms = range(rows).map((n) => ({ factors: [cell(tensors, 'dy', [n, o])] }))
  return { rule: 'The bias is added to every sample: its gradient is the sum over the samples.', terms }
}

const explain = { y: explainY, dx: explainDx, dw: explainDw, db: explainDb }

/** A linear layer on a few rows. */
export const linear: Explorer<typeof options> = {
  id: 'linear',
  options,
  parts: { y: 'input feature', dx: 'output feature' },
  inputs: ({ rows, inFeatures, outFeatures }) => ({
    x: smallNumbers([rows, inFeatures], 21),
    w: smallNumbers([outFeatures, inFeatures], 22),
    b: smallNumbers([outFeatures], 23),
    dy: smallNumbers([rows, outFeatures], 24),
  }),
  run({ x, w, b, dy }, { inFeatures, outFeatures }) {
    const layer = new Linear(inFeatures, outFeatures, { dtype: 'float64' })
    layer.weight.data.set(w.data)
    layer.bias!.data.set(b.data)
    return { ...pass(layer, x, dy), dw: layer.weight.g!, db: layer.bias!.g! }
  },
  explain(name, index, tensors, values) {
    return explain[name as keyof typeof explain]?.(index, tensors, values) ?? null
  },
}
