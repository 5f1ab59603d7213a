import { readFileSync } from 'node:fs'
import { defaultDevice, grad, init, lax, nn, numpy as np } from '@jax-js/jax'
import { answerQuestions, NotOffered } from './library.mjs'

await init('wasm')
defaultDevice('wasm')

// Arrays are counted: `.ref` keeps one for another use, every other use gives it away.
const put = ({ shape, data }) => np.array(Float32Array.from(data, Number)).reshape(shape)
const take = async (a) => ({ shape: [...a.shape], data: await a.data() })

/** y and the gradients of `f`, which takes its tensors by name. */
async function both(f, given, dy) {
  const made = () => Object.fromEntries(Object.entries(given).map(([name, value]) => [name, put(value)]))
  const y = await take(f(made()))
  const upstream = { shape: y.shape, data: dy.data }
  const gradients = grad((p) => f(p).mul(put(upstream)).sum())(made())
  const outputs = { y }
  for (const [name, gradient] of Object.entries(gradients)) outputs[`d${name}`] = await take(gradient)
  return outputs
}
const elementwise =
  (f) =>
  ({ x, dy }) =>
    both(({ x: v }) => f(v), { x }, dy)

const { version } = JSON.parse(
  readFileSync(new URL('../node_modules/@jax-js/jax/package.json', import.meta.url), 'utf8'),
)

await answerQuestions(version, {
  relu: elementwise((x) => nn.relu(x)),
  abs: elementwise((x) => np.abs(x)),
  gelu: ({ x, dy }, { approximate }) =>
    both(({ x: v }) => nn.gelu(v, { approximate: approximate === 'tanh' }), { x }, dy),
  'gelu by default': elementwise((x) => nn.gelu(x)),
  max: elementwise((x) => np.max(x)),
  'maximum(x, 0)': elementwise((x) => np.maximum(x, 0)),
  'maximum(0, x)': elementwise((x) => np.maximum(0, x)),
  flatten: ({ x, dy }, { startDim, endDim }) => {
    const last = endDim < 0 ? x.shape.length + endDim : endDim
    const size = x.shape.slice(startDim, last + 1).reduce((a, b) => a * b, 1)
    return both(
      ({ x: v }) => v.reshape([...x.shape.slice(0, startDim), size, ...x.shape.slice(last + 1)]),
      { x },
      dy,
    )
  },
  maxPool2d: ({ x, dy }, { kernelSize, stride, padding, dilation, ceilMode }) => {
    if (padding.some((p) => p > 0)) throw new NotOffered('padding')
    if (dilation.some((d) => d > 1)) throw new NotOffered('dilation')
    if (ceilMode) throw new NotOffered('ceil mode')
    return both(({ x: v }) => lax.reduceWindow(v, np.max, kernelSize, stride), { x }, dy)
  },
  avgPool2d: ({ x, dy }, { kernelSize, stride, padding, dilation, ceilMode }) => {
    if (padding.some((p) => p > 0)) throw new NotOffered('padding')
    if (dilation.some((d) => d > 1) || ceilMode) throw new NotOffered('dilation or ceil mode')
    return both(({ x: v }) => lax.reduceWindow(v, np.mean, kernelSize, stride), { x }, dy)
  },
  conv2d: ({ x, weight, bias, dy }, { stride, padding, dilation, groups }) => {
    if (x.shape.length !== 4) throw new NotOffered('an image without a batch')
    const pad = padding === 'same' ? 'SAME' : padding === 'valid' ? 'VALID' : padding.map((p) => [p, p])
    return both(
      (p) => {
        const y = lax.convGeneralDilated(p.x, p.weight, stride, pad, {
          rhsDilation: dilation,
          featureGroupCount: groups,
        })
        return bias === undefined ? y : y.add(p.bias.reshape([1, -1, 1, 1]))
      },
      { x, weight, ...(bias && { bias }) },
      dy,
    )
  },
  linear: ({ x, weight, bias, dy }) =>
    both(
      (p) => {
        const y = np.dot(p.x, p.weight.transpose())
        return bias === undefined ? y : y.add(p.bias)
      },
      { x, weight, ...(bias && { bias }) },
      dy,
    ),
  crossEntropy: () => {
    throw new NotOffered('no loss of this kind; it is written with nn.logSoftmax')
  },
  layerNorm: async ({ x }, { eps }) => ({ y: await take(nn.standardize(put(x), -1, { epsilon: eps })) }),
})
