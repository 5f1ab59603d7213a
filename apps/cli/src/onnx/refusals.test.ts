import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import {
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type TypeProto_Tensor,
  ValueInfoProtoSchema,
} from 'onnx-buf'
import { describe, expect, it, test } from 'vitest'
import { OnnxError } from './error.ts'
import { fromOnnx, readOnnx } from './read.ts'
import { changed, inGraph } from './test/changed.ts'

describe('what is refused', () => {
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
    [
      'no version of the operators',
      (m) => void (m.opsetImport = []),
      'version 0 of the operators, expected 7 to 28',
    ],
    [
      'a graph that only hands on its input',
      inGraph((g) => {
        g.node = [create(NodeProtoSchema, { opType: 'Identity', input: ['input'], output: ['output'] })]
      }),
      'the graph has no layer',
    ],
    ['a fork', inGraph((g) => void (g.node[2].input[0] = 'input')), 'it reads "input", expected "1.y"'],
    ['an end that is not the output', inGraph((g) => void g.node.pop()), 'its last node gives "3.y"'],
    ['no input', inGraph((g) => void g.input.splice(0)), '0 inputs and 1 outputs, expected one of each'],
    [
      'two inputs',
      inGraph((g) => void g.input.push(create(ValueInfoProtoSchema, { name: 'z' }))),
      '2 inputs and 1 outputs, expected one of each',
    ],
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
      'a computed ratio',
      inGraph((g) => void (g.node[3].input[1] = '1.y')),
      '(Dropout): its ratio "1.y" is not a constant',
    ],
    [
      'a Reshape to nothing',
      inGraph((g) => void Object.assign(g.node[2], { opType: 'Reshape', attribute: [] })),
      '(Reshape): it has no shape',
    ],
    [
      'one more input',
      inGraph((g) => void g.node[3].input.push('', 'u')),
      '(Dropout): it has 4 inputs, expected at most 3',
    ],
    ['uneven padding', attribute(0, 'pads', { ints: [0n, 0n, 3n, 1n] }), '(Conv): pads are [0,0,3,1]'],
    [
      'uneven padding where the width is not known',
      inGraph((g) => {
        const { value } = g.input[0].type!.value as { value: TypeProto_Tensor }
        value.shape!.dim[3].value = { case: 'dimParam', value: 'W' }
        for (const { name, ...values } of g.node[0].attribute) {
          if (name === 'strides') values.ints.splice(0, 2, 3n, 3n)
          if (name === 'pads') values.ints.splice(3, 1, 1n)
        }
      }),
      '(Conv): pads are [0,0,0,1]',
    ],
    [
      'uneven padding of a pool',
      attribute(1, 'pads', { ints: [0n, 0n, 2n, 1n] }),
      '(MaxPool): pads are [0,0,2,1]',
    ],
    ['a 1-d window', attribute(1, 'kernel_shape', { ints: [2n] }), '(MaxPool): kernel_shape has 1 numbers'],
    ['no window', attribute(1, 'kernel_shape', { ints: [0n, 0n] }), '(MaxPool): MaxPool2d: kernelSize'],
    [
      'no weight of a convolution',
      inGraph((g) => void g.node[0].input.splice(1)),
      '(Conv): it has no weight',
    ],
    [
      'a flat weight of a convolution',
      inGraph((g) => void (g.initializer[0].dims = [2n, 9n])),
      '(Conv): its weight has 2 axes, expected 4',
    ],
    [
      'a bias of two axes',
      inGraph((g) => void (g.initializer[1].dims = [1n, 2n])),
      '(Conv): its bias has 2 axes, expected 1',
    ],
    [
      'a window that is not the weight’s',
      attribute(0, 'kernel_shape', { ints: [3n, 2n] }),
      '(Conv): kernel_shape is [3,2], its weight has [3,3]',
    ],
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
      'a computed bias',
      inGraph((g) => void (g.node[4].input[2] = '1.y')),
      'its bias "1.y" is not a constant',
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
      'constant "0.weight" lies in another file; save the model with its data inside',
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
  /** A node Constant as the weight of the last layer. */
  const constant = (values: MessageInitShape<typeof AttributeProtoSchema>[]) =>
    inGraph((g) => {
      g.node.unshift(
        create(NodeProtoSchema, { name: 'k', opType: 'Constant', output: ['c'], attribute: values }),
      )
      g.node.at(-1).input[1] = 'c'
    })
  const { FLOATS, STRING, TENSOR } = AttributeProto_AttributeType
  cases.push(
    ['a constant without a value', constant([]), 'node "k" (Constant): it has no value'],
    [
      'a constant of two values',
      constant(['value_float', 'value_floats'].map((name) => ({ name, type: FLOATS }))),
      'node "k" (Constant): it has 2 values, expected one',
    ],
    [
      'a constant text',
      constant([{ name: 'value_string', type: STRING }]),
      'node "k" (Constant): its value_string is not understood',
    ],
    [
      'a constant that lies elsewhere in its node',
      constant([{ name: 'sparse_value', type: TENSOR, t: create(TensorProtoSchema) }]),
      'node "k" (Constant): its sparse_value is not understood',
    ],
    [
      'a value that is no tensor',
      constant([{ name: 'value', type: FLOATS, floats: [1] }]),
      'node "k" (Constant): its value is not understood',
    ],
    [
      'a flat weight',
      constant([{ name: 'value_floats', floats: [1, 2] }]),
      'its weight has 1 axes, expected 2',
    ],
  )
  test.each(cases)('%s', (_, change, message) => {
    const bytes = changed(change)
    expect(() => fromOnnx(bytes)).toThrow(OnnxError)
    expect(() => readOnnx(bytes)).toThrow(message)
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
