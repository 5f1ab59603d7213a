import { type DType, type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import type { RunRecord } from './record.ts'
import { firstParting, runFreely, runStepwise } from './replay.ts'
import { collect, open } from './test/runs.ts'

/** A record of steps 0 and 1 alone, in which `change` is made. */
async function changed(
  name: string,
  change: (tensors: Record<string, Tensor<DType>>) => void,
): Promise<RunRecord> {
  const { about, tensors } = await open(name)
  const copy = { ...tensors }
  change(copy)
  return { about: { ...about, at: [0, 1] }, tensors: copy }
}

const nudge = (value: Tensor<DType>, place: number, by: number): Tensor<DType> => {
  const data = value.data.slice() as Float32Array
  data[place] += by
  return tensor(data, value.shape)
}

describe('a replay that parts', () => {
  it('names the step, the tensor and the element', async () => {
    const record = await changed('sgd-3-float32', (tensors) => {
      tensors['1/d.7.weight'] = nudge(tensors['1/d.7.weight'], 11, 1e-5)
    })
    const said = firstParting(await collect(runStepwise(record)))
    expect(said).toMatch(/^step 1, d\.7\.weight \[\d,\d+\]: expected .* apart .*, allowed/)
  })

  it('sees a learning rate that is 1 in 1000 off, in the parameters after the step', async () => {
    const record = await changed('momentum-3-float32', (tensors) => {
      tensors.lr = nudge(tensors.lr, 0, 1e-4)
    })
    expect(firstParting(await collect(runStepwise(record)))).toMatch(/^step 0, next\.0\.weight /)
  })

  it('sees an optimizer that forgets its moments', async () => {
    const record = await changed('adam-3-float32', (tensors) => {
      const kept = tensors['1/optimizer.0.exp_avg']
      tensors['1/optimizer.0.exp_avg'] = tensor(new Float32Array(kept.data.length), kept.shape)
    })
    expect(firstParting(await collect(runStepwise(record)))).toMatch(/^step 1, next\.0\.weight /)
  })

  it('sees a bit of a statistic', async () => {
    const record = await changed('sgd-3-float32', (tensors) => {
      const row = 5 * 8 + 1
      tensors['0/stats'] = nudge(tensors['0/stats'], row, 0.01)
    })
    expect(firstParting(await collect(runStepwise(record)))).toMatch(/^step 0, y\.7 norm: expected/)
  })

  it('names the first step whose loss parts, running freely', async () => {
    const record = await changed('sgd-3-float32', (tensors) => {
      tensors.lr = nudge(tensors.lr, 1, 0.01)
    })
    expect(firstParting(await collect(runFreely(record, 4)))).toMatch(/^step 2, loss: expected/)
  })
})
