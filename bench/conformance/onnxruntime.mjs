import ort from 'onnxruntime-node'
import { oneNode } from '../../apps/cli/src/conformance/one-node.ts'
import { answerQuestions, NotOffered } from './library.mjs'

const put = ({ shape, data }) => new ort.Tensor('float32', Float32Array.from(data, Number), shape)

/** What one operator of ONNX gives for its inputs; there is no way back. */
async function run(op, attributes, inputs, results = ['y']) {
  const names = Object.keys(inputs)
  const model = oneNode(
    op,
    attributes,
    Object.fromEntries(names.map((name) => [name, inputs[name].shape])),
    results,
  )
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 4 })
  const given = Object.fromEntries(names.map((name) => [name, put(inputs[name])]))
  const found = await session.run(given)
  const { dims, cpuData } = found.y
  return { y: { shape: [...dims], data: cpuData } }
}
const twice = ([a, b]) => [a, b, a, b]
const batched = (op) => (tensors, options) => {
  if (tensors.x.shape.length !== 4) throw new NotOffered('an image without a batch')
  return op(tensors, options)
}

await answerQuestions(ort.env.versions.common, {
  relu: ({ x }) => run('Relu', {}, { x }),
  abs: ({ x }) => run('Abs', {}, { x }),
  gelu: ({ x }, { approximate }) => run('Gelu', { approximate }, { x }),
  'gelu by default': ({ x }) => run('Gelu', {}, { x }),
  max: ({ x }) => run('ReduceMax', { keepdims: 0 }, { x }),
  'maximum(x, 0)': ({ x }) => run('Max', {}, { x, zero: { shape: [], data: [0] } }),
  'maximum(0, x)': ({ x }) => run('Max', {}, { zero: { shape: [], data: [0] }, x }),
  maxPool2d: batched(({ x }, { kernelSize, stride, padding, dilation, ceilMode, withIndices }) =>
    run(
      'MaxPool',
      {
        kernel_shape: kernelSize,
        strides: stride,
        pads: twice(padding),
        dilations: dilation,
        ceil_mode: ceilMode ? 1 : 0,
      },
      { x },
      withIndices ? ['y', 'indices'] : ['y'],
    ),
  ),
  avgPool2d: batched(({ x }, { kernelSize, stride, padding, dilation, ceilMode, countIncludePad }) =>
    run(
      'AveragePool',
      {
        kernel_shape: kernelSize,
        strides: stride,
        pads: twice(padding),
        dilations: dilation,
        ceil_mode: ceilMode ? 1 : 0,
        count_include_pad: countIncludePad ? 1 : 0,
      },
      { x },
    ),
  ),
  conv2d: batched(({ x, weight, bias }, { stride, padding, dilation, groups }) => {
    const pads =
      typeof padding === 'string'
        ? { auto_pad: padding === 'same' ? 'SAME_UPPER' : 'VALID' }
        : { pads: twice(padding) }
    return run(
      'Conv',
      { strides: stride, dilations: dilation, group: groups, ...pads },
      { x, weight, ...(bias && { bias }) },
    )
  }),
  linear: ({ x, weight, bias }) => {
    if (x.shape.length !== 2) throw new NotOffered(`Gemm with ${x.shape.length} axes`)
    return run('Gemm', { transB: 1 }, { x, weight, ...(bias && { bias }) })
  },
  layerNorm: ({ x }, { eps }) =>
    run(
      'LayerNormalization',
      { epsilon: eps },
      { x, weight: { shape: x.shape.slice(-1), data: new Array(x.shape.at(-1)).fill(1) } },
    ),
})
