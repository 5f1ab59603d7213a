import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { Conv2d, Dropout, Flatten, Layer, Linear, MaxPool2d, Sequential, seed } from '@handgrad/layers'
import { defaultGenerator, loadSafetensors, randn, readSafetensors, Tensor } from '@handgrad/tensor'
import { type ModelProto, ModelProtoSchema, TensorProto_DataLocation, TensorProto_DataType } from 'onnx-buf'
import { describe, expect, it, test } from 'vitest'
import { OnnxError } from './error.ts'
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
    ['Linear on images', [new Linear(6, 2)], /Linear\(6→2\) gets 4 axes, ONNX's Gemm takes 2/],
    ['layers that do not fit', [new Conv2d(2, 3, 3)], /input has 1 channels, expected 2/],
  ]
  test.each(cases)('%s', (_, layers, message) => {
    expect(() => toOnnx(new Sequential(...layers), { sampleShape: [1, 5, 6] })).toThrow(message)
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
      /Swish\(\) is none of the operators/,
    )
  })
})

describe('what is refused', () => {
  const net = (): Sequential =>
    new Sequential(new Conv2d(1, 2, 3), new MaxPool2d(2), new Flatten(), new Dropout(0.5), new Linear(8, 3))
  const changed = (change: (model: ModelProto) => void): Uint8Array => {
    const model = fromBinary(ModelProtoSchema, toOnnx(net(), { sampleShape: [1, 6, 6] }))
    change(model)
    return toBinary(ModelProtoSchema, model)
  }
  type Graph = NonNullable<ModelProto['graph']>
  const inGraph = (change: (graph: Graph) => void) => (model: ModelProto) => change(model.graph!)
  const attribute = (node: number, name: string, change: { i?: bigint; ints?: bigint[]; name?: string }) =>
    inGraph(({ node: nodes }) =>
      Object.assign(nodes[node].attribute.find((each) => each.name === name)!, change),
    )

  const cases: [string, (model: ModelProto) => void, string][] = [
    ['no graph', (m) => void delete m.graph, 'the file has no graph'],
    [
      'old operators',
      (m) => void (m.opsetImport[0].version = 6n),
      'version 6 of the operators, expected 7 to 28',
    ],
    [
      'new operators',
      (m) => void (m.opsetImport[0].version = 29n),
      'version 29 of the operators, expected 7',
    ],
    [
      'another operator',
      inGraph((g) => void (g.node[2].opType = 'Gelu')),
      'node "2.Flatten" (Gelu): this operator',
    ],
    [
      'another domain',
      inGraph((g) => void (g.node[2].domain = 'com.x')),
      'node "2.Flatten" (Flatten): this operator',
    ],
    ['a fork', inGraph((g) => void (g.node[2].input[0] = 'input')), 'it reads "input", expected "1.y"'],
    ['an end that is not the output', inGraph((g) => void g.node.pop()), 'its last node gives "3.y"'],
    ['two outputs', inGraph((g) => void g.output.push(g.output[0])), '1 inputs and 2 outputs'],
    [
      'a mask that is read',
      inGraph((g) => void (g.node[3].output.push('mask'), (g.node[4].input[2] = 'mask'))),
      '(Dropout): its output "mask" is read',
    ],
    [
      'a computed training mode',
      inGraph((g) => void g.node[3].input.push('1.y')),
      '(Dropout): its training_mode "1.y" is not a constant',
    ],
    [
      'one more input',
      inGraph((g) => void g.node[3].input.push('', 'u')),
      '(Dropout): it has 4 inputs, expected at most 3',
    ],
    ['uneven padding', attribute(0, 'pads', { ints: [0n, 0n, 3n, 1n] }), '(Conv): pads are [0,0,3,1]'],
    [
      'uneven padding of a pool',
      attribute(1, 'pads', { ints: [0n, 0n, 2n, 1n] }),
      '(MaxPool): pads are [0,0,2,1]',
    ],
    ['a 1-d window', attribute(1, 'kernel_shape', { ints: [2n] }), '(MaxPool): kernel_shape has 1 numbers'],
    ['no window', attribute(1, 'kernel_shape', { ints: [0n, 0n] }), '(MaxPool): MaxPool2d: kernelSize'],
    ['a huge group', attribute(0, 'group', { i: 2n ** 60n }), '(Conv): Conv2d'],
    [
      'an unknown attribute',
      attribute(2, 'axis', { name: 'axes' }),
      '(Flatten): the attribute "axes" is not',
    ],
    ['another axis', attribute(2, 'axis', { i: 2n }), '(Flatten): axis is 2, expected 1'],
    ['no weight', inGraph((g) => void g.node[4].input.splice(1)), '(Gemm): it has no weight'],
    [
      'a computed weight',
      inGraph((g) => void (g.node[4].input[1] = '1.y')),
      'its weight "1.y" is not a constant',
    ],
    [
      'a wrong bias',
      inGraph((g) => void (g.initializer.at(-1).dims = [3n, 1n])),
      'its bias has the shape [3,1], expected [3]',
    ],
    [
      'a short bias',
      inGraph((g) => void (g.node[4].input[2] = '0.bias')),
      'its bias has the shape [2], expected [3]',
    ],
    [
      'whole numbers',
      inGraph((g) => void (g.initializer[0].dataType = TensorProto_DataType.INT8)),
      'the constant "0.weight" has the type INT8, expected FLOAT, FLOAT16, DOUBLE, BFLOAT16',
    ],
    [
      'data elsewhere',
      inGraph((g) => void (g.initializer[0].dataLocation = TensorProto_DataLocation.EXTERNAL)),
      'constant "0.weight" lies in another file',
    ],
    [
      'a shape too large',
      inGraph((g) => void (g.initializer[0].dims[0] = 2n ** 62n)),
      '"0.weight" has 18 elements',
    ],
    [
      'a negative shape',
      inGraph((g) => void (g.initializer[0].dims = [-2n, -9n])),
      '"0.weight" has 18 elements',
    ],
    ['a cut constant', inGraph((g) => void (g.initializer[0].rawData = new Uint8Array(7))), 'has 7 bytes'],
    [
      'one name twice',
      inGraph((g) => void g.initializer.push(g.initializer[0])),
      'two constants have the same name',
    ],
  ]
  test.each(cases)('%s', (_, change, message) => {
    const bytes = changed(change)
    expect(() => fromOnnx(bytes)).toThrow(OnnxError)
    expect(() => fromOnnx(bytes)).toThrow(message)
  })

  it('bytes that are no message, and files cut anywhere', () => {
    expect(() => fromOnnx(new TextEncoder().encode('not a model'))).toThrow(
      /^ONNX: the file is not a protobuf/,
    )
    const good = changed(() => {})
    expect(() => fromOnnx(good)).not.toThrow()
    for (let end = 0; end < good.length; end += 7)
      expect(() => fromOnnx(good.subarray(0, end)), `cut at ${end}`).toThrow(OnnxError)
    expect(() => fromOnnx(toBinary(ModelProtoSchema, create(ModelProtoSchema)))).toThrow('no graph')
  })
})
