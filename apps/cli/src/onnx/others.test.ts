import { create } from '@bufbuild/protobuf'
import { Conv2d, Dropout, Sequential } from '@handgrad/layers'
import { randn } from '@handgrad/tensor'
import { AttributeProto_AttributeType, NodeProtoSchema } from 'onnx-buf'
import { describe, expect, it, test } from 'vitest'
import { fromOnnx } from './read.ts'
import { changed, inGraph } from './test/changed.ts'

/** What other programs write in their own ways, and is the same network. */
describe('a Dropout', () => {
  const ratioOf = (bytes: Uint8Array): number | undefined =>
    fromOnnx(bytes).layers.find((layer) => layer instanceof Dropout)?.p

  it('may name neither its ratio nor its mask', () => {
    const bytes = changed(
      inGraph(({ node }) => {
        node[3].input = [node[3].input[0], '', '']
        node[3].output.push('')
      }),
    )
    expect(ratioOf(bytes)).toBe(0.5)
  })

  it('may drop nothing', () => {
    expect(ratioOf(changed(() => {}, new Sequential(new Conv2d(1, 2, 3), new Dropout(0))))).toBe(0)
  })

  it('may have its training mode from a node Constant, and only in evaluation', () => {
    const mode = (i: bigint): Uint8Array =>
      changed(
        inGraph(({ node }) => {
          const attribute = [{ name: 'value_int', type: AttributeProto_AttributeType.INT, i }]
          node[3].input[2] = 'mode'
          node.unshift(create(NodeProtoSchema, { opType: 'Constant', output: ['mode'], attribute }))
        }),
      )
    expect(ratioOf(mode(0n))).toBe(0.5)
    expect(() => fromOnnx(mode(1n))).toThrow('it is in training mode, expected training_mode false')
  })
})

test('a convolution with strides may be padded by cells that no window reaches, as SAME pads', () => {
  const net = new Sequential(new Conv2d(1, 2, 2, { stride: 2 })).eval()
  const bytes = changed(
    inGraph(({ node }) => {
      node[0].attribute.find(({ name }) => name === 'pads')!.ints = [0n, 0n, 1n, 1n]
    }),
    net,
  )
  const x = randn([2, 1, 6, 6])
  expect(fromOnnx(bytes).eval().forward(x)).toEqual(net.forward(x))
})
