import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seed } from '@handgrad/layers'
import { randn, readSafetensors, saveSafetensors, Tensor } from '@handgrad/tensor'
import { models } from '@handgrad/trainer'
import { describe, expect, it } from 'vitest'
import { everyOption } from '../onnx/test/every-option.ts'
import { toOnnx } from '../onnx/write.ts'
import { temporaryFolder } from '../test/handgrad.ts'
import { ask, freshSeeds } from './test/live.ts'

/** The largest difference of two equally shaped tensors, relative to the larger of 1 and the second's element. */
function distance(ours: Tensor, theirs: Tensor): number {
  expect(theirs.shape).toEqual(ours.shape)
  return Math.max(
    ...Array.from(theirs.data, (value, i) => Math.abs(ours.data[i] - value) / Math.max(1, Math.abs(value))),
  )
}

describe('safetensors', () => {
  it.each(freshSeeds(3))('Python writes, we read and write, Python reads: equal bytes (seed %i)', (drawn) => {
    const folder = temporaryFolder()
    ask(folder, 'own_dtypes', { args: { seed: drawn } })
    const written = readFileSync(join(folder, 'python.safetensors'))
    const { tensors, metadata } = readSafetensors(written)
    const ours = saveSafetensors(tensors, metadata)
    writeFileSync(join(folder, 'ours.safetensors'), ours)
    expect(metadata).toEqual({ format: 'pt', note: 'a "quoted" ü' })
    const { equal, tensors: count } = ask(folder, 'same_file')
    expect({ equal: Number(equal.data[0]), count: Number(count.data[0]) }).toEqual({ equal: 1, count: 30 })
    expect(ours.length).toBe(written.length)
  })

  it('every 16-bit and 8-bit float is widened as PyTorch does', () => {
    const folder = temporaryFolder()
    const theirs = ask(folder, 'small_floats')
    const { tensors } = readSafetensors(readFileSync(join(folder, 'python.safetensors')))
    expect(Object.keys(tensors).length).toBe(4)
    for (const [name, { data }] of Object.entries(tensors)) expect(data, name).toEqual(theirs[name].data)
  })

  it('the weights of a run load into nn.Sequential with strict=True, which gives our outputs', () => {
    const folder = temporaryFolder()
    const net = seed().eval()
    writeFileSync(join(folder, 'model.safetensors'), saveSafetensors(net.stateDict(), { format: 'pt' }))
    const x = randn([5, 1, 28, 28])
    const { y } = ask(folder, 'strict', { tensors: { x } })
    expect(distance(net.forward(x), y as Tensor)).toBeLessThan(1e-5)
  })
})

describe("ONNX: the checker accepts what we write, and onnxruntime's logits are ours to 1e-5", () => {
  const trained = Object.entries(models).map(([name, make]) => ({ name, make, sampleShape: [1, 28, 28] }))
  const options = Object.entries(everyOption).map(([name, { make, sampleShape }]) => ({
    name,
    make: () => make('float32'),
    sampleShape,
  }))
  it.each([...trained, ...options])('$name', ({ make, sampleShape }) => {
    const folder = temporaryFolder()
    const net = make().eval()
    writeFileSync(join(folder, 'model.onnx'), toOnnx(net, { sampleShape }))
    const x = randn([7, ...sampleShape])
    const { y } = ask(folder, 'onnx', { tensors: { x } })
    expect(distance(net.forward(x), y as Tensor)).toBeLessThan(1e-5)
  })
})
