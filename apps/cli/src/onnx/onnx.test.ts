import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { Conv1d, Conv2d, Flatten, Layer, Linear, MaxPool2d, Sequential, seed } from '@handgrad/layers'
import { defaultGenerator, loadSafetensors, randn, readSafetensors, Tensor } from '@handgrad/tensor'
import { ModelProtoSchema } from 'onnx-buf'
import { describe, expect, it, test } from 'vitest'
import { fromOnnx, readOnnx } from './read.ts'
import { distance } from './test/distance.ts'
import { everyOption, writtenModels } from './test/every-option.ts'
import { softmaxOf } from './test/softmax.ts'
import { toOnnx } from './write.ts'

const folder = join(import.meta.dirname, '../../../../fixtures/onnx')

describe('models that PyTorch exported', () => {
  const files = globSync('*.onnx', { cwd: folder })
  it('are there', () => expect(files.length).toBe(4))

  it.each(files)('%s gives the logits of PyTorch', (file) => {
    const beside = (location: string): Uint8Array => readFileSync(join(folder, location))
    const { net, notes } = readOnnx(readFileSync(join(folder, file)), beside)
    const { x, y } = loadSafetensors(readFileSync(join(folder, `${basename(file, '.onnx')}.safetensors`)))
    const ours = net.eval().forward(x as Tensor)
    expect(notes).toHaveLength(file === 'default-softmax.onnx' ? 1 : 0)
    expect(distance(notes.length === 0 ? ours : softmaxOf(notes[0], ours), y as Tensor)).toBeLessThan(1e-5)
  })
})

describe('models that we write', () => {
  const { tensors } = readSafetensors(readFileSync(join(folder, 'written.safetensors')))
  const models = writtenModels()
  it('are those of the fixture', () => {
    expect(Object.keys(tensors).length).toBe(3 * models.length)
  })

  it.each(models)('$name: what onnxruntime was asked is what is written, and its answer is ours', (each) => {
    const { name, net, model, x } = each
    const asked = tensors[`${name}.model`].data as Uint8Array
    expect(fromBinary(ModelProtoSchema, model)).toEqual(fromBinary(ModelProtoSchema, asked))
    expect(Buffer.from(model).equals(asked)).toBe(true)
    expect(x).toEqual(tensors[`${name}.x`])
    const answer = tensors[`${name}.y`] as Tensor
    expect(distance(net.forward(x), answer)).toBeLessThan(1e-5)
    expect(distance(fromOnnx(model).eval().forward(x), answer)).toBeLessThan(1e-5)
  })
})

describe('a network, written and read again', () => {
  const cases = Object.entries(everyOption).flatMap(([name, { make, sampleShape }]) =>
    (['float32', 'float64'] as const).map((dtype) => ({ name, dtype, make, sampleShape })),
  )
  it.each(cases)('$name in $dtype is the same function with the same parameters', (each) => {
    const net = each.make(each.dtype).eval()
    const { sampleShape } = each
    const again = fromOnnx(toOnnx(net, { sampleShape })).eval()
    const x = randn([2, ...sampleShape], { dtype: each.dtype })
    expect(again.forward(x).data).toEqual(net.forward(x).data)
    expect(again.stateDict()).toEqual(net.stateDict())
    const kinds = (of: Sequential) => of.flat().map((layer) => layer.constructor.name)
    expect(kinds(again)).toEqual(kinds(net))
  })

  it('is read where the file says nothing of its input', () => {
    const { net, x, model } = writtenModels().find(({ name }) => name === 'vectors')!
    const silent = fromBinary(ModelProtoSchema, model)
    delete silent.graph!.input[0].type
    const again = fromOnnx(toBinary(ModelProtoSchema, silent)).eval()
    expect(again.forward(x).data).toEqual(net.forward(x).data)
  })

  it('is the same file each time', () => {
    const bytes = toOnnx(seed(), { sampleShape: [1, 28, 28] })
    expect(toOnnx(fromOnnx(bytes), { sampleShape: [1, 28, 28] })).toEqual(bytes)
  })

  it('moves no draw of the default generator', () => {
    const bytes = toOnnx(seed(), { sampleShape: [1, 28, 28] })
    const before = defaultGenerator.getState()
    fromOnnx(bytes)
    expect(defaultGenerator.getState()).toEqual(before)
  })

  it('a nested Sequential keeps the names of its state dict', () => {
    const net = new Sequential(new Flatten(), new Sequential(new Linear(4, 2)))
    const model = fromBinary(ModelProtoSchema, toOnnx(net, { sampleShape: [4] }))
    expect(model.graph?.initializer.map(({ name }) => name)).toEqual(['1.0.weight', '1.0.bias'])
  })
})

describe('what cannot be written', () => {
  const cases: [string, Layer[], RegExp][] = [
    ['nothing', [], /a network without layers/],
    ['another Flatten', [new Flatten({ startDim: 2 })], /Flatten\(2, -1\): ONNX's Flatten joins all axes/],
    [
      'a Flatten of some axes',
      [new Flatten({ endDim: 2 })],
      /Flatten\(1, 2\): ONNX's Flatten joins all axes/,
    ],
    ['Linear on images', [new Linear(6, 2)], /Linear\(6→2\) gets 4 axes, ONNX's Gemm takes 2/],
    ['layers that do not fit', [new Conv2d(2, 3, 3)], /input has 1 channels, expected 2/],
  ]
  test.each(cases)('%s', (_, layers, message) => {
    expect(() => toOnnx(new Sequential(...layers), { sampleShape: [1, 5, 6] })).toThrow(message)
  })

  test.each<[string, Layer[], number[], string]>([
    [
      'one line without its batch axis',
      [new Conv1d(1, 2, 3)],
      [7],
      "Conv1d(1→2, 3) gets 2 axes, ONNX's Conv takes 3 here",
    ],
    [
      'one image without its batch axis',
      [new Conv2d(1, 2, 3)],
      [7, 6],
      "Conv2d(1→2, 3×3) gets 3 axes, ONNX's Conv takes 4 here",
    ],
    [
      'lines that are pooled as one image',
      [new Conv1d(4, 5, 3), new MaxPool2d(2)],
      [4, 7],
      "MaxPool2d(2×2) gets 3 axes, ONNX's MaxPool takes 4 here",
    ],
  ])('%s', (_, layers, sampleShape, message) => {
    expect(() => toOnnx(new Sequential(...layers), { sampleShape })).toThrow(message)
  })

  it('a layer of the user', () => {
    class Swish extends Layer {
      forward = (x: Tensor) => x
      bwd = () => {}
      outputShape = (shape: readonly number[]) => [...shape]
      describe = () => 'Swish()'
    }
    const odd = new Swish()
    expect(() => toOnnx(new Sequential(odd), { sampleShape: [3] })).toThrow(
      /Swish\(\) computes by code of its own/,
    )
  })
})
