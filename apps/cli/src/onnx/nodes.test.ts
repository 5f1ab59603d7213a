import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Dropout } from '@handgrad/layers'
import { readSafetensors, type Tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { OnnxError } from './error.ts'
import { readOnnx } from './read.ts'
import { distance } from './test/distance.ts'
import { softmaxOf } from './test/softmax.ts'

const file = join(import.meta.dirname, '../../../../fixtures/onnx/nodes.safetensors')
const { tensors, metadata } = readSafetensors(readFileSync(file))
const refused = JSON.parse(metadata!['refused']) as Record<string, string>
const names = Object.keys(tensors).flatMap((name) => (name.endsWith('.model') ? [name.slice(0, -6)] : []))

const modelOf = (name: string): Uint8Array => tensors[`${name}.model`].data as Uint8Array

/** onnxruntime rounds to float16 where our numbers are float32. */
const tolerance = (name: string, y: Tensor): number =>
  name.startsWith('float16, ') ? 2 ** -11 : y.dtype === 'float64' ? 1e-13 : 1e-5

describe('a model gives what onnxruntime answered', () => {
  const read = names.filter((name) => !Object.hasOwn(refused, name))
  it('there are models', () => expect(read.length).toBeGreaterThanOrEqual(720))

  it.each(read)('%s', (name) => {
    const { net, notes } = readOnnx(modelOf(name))
    const y = net.eval().forward(tensors[`${name}.x`] as Tensor)
    const answer = tensors[`${name}.y`] as Tensor
    const [given] = notes
    expect(distance(given === undefined ? y : softmaxOf(given, y), answer)).toBeLessThan(
      tolerance(name, answer),
    )
  })
})

describe('a Dropout has the share of its file', () => {
  const dropouts = names.filter((name) => name.startsWith('Dropout ') && !Object.hasOwn(refused, name))
  it.each(dropouts)('%s', (name) => {
    const layer = readOnnx(modelOf(name)).net.layers.find((each) => each instanceof Dropout)
    expect(layer?.p).toBe(/bare|without ratio/.test(name) ? 0.5 : 0.25)
  })
})

describe('what no layer is, is refused with the name of its node', () => {
  const cases = Object.entries(refused)
  it('there are models', () => expect(cases.length).toBeGreaterThanOrEqual(230))

  it.each(cases)('%s: %s', (name, words) => {
    const message = messageOf(() => readOnnx(modelOf(name)))
    expect(message).toMatch(/^ONNX: node "[a-z]+\d" \([A-Za-z]+\): /)
    expect(message).toContain(words)
  })
})

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(OnnxError)
    return (error as Error).message
  }
  return 'nothing was refused'
}
