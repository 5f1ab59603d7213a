import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { answerQuestions, channelsFirst, channelsLast, NotOffered, onlyWith, steps } from './library.mjs'

const [backend] = process.argv.slice(2)
if (backend === 'wasm') {
  setWasmPaths(join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')), '/'))
  setThreadsCount(1)
}
if (!(await tf.setBackend(backend)) || tf.getBackend() !== backend) throw new Error(`no backend ${backend}`)

const put = ({ shape, data }) => tf.tensor(Float32Array.from(data, Number), shape)
const take = (t) => ({ shape: t.shape, data: t.dataSync() })

/** y and the gradients of `f`, a function of one tensor or several. */
function both(f, inputs, dy) {
  const names = Object.keys(inputs)
  const values = names.map((name) => inputs[name])
  const y = f(...values)
  const gradients = tf.grads(f)(values, dy.reshape(y.shape))
  return { y: take(y), ...Object.fromEntries(names.map((name, i) => [`d${name}`, take(gradients[i])])) }
}
const elementwise =
  (f) =>
  ({ x, dy }) =>
    both(f, { x: put(x) }, put(dy))

/** A layer over images: NCHW outside, NHWC inside. */
function images(f, { x, dy, weight, bias }) {
  const unbatched = x.shape.length === 3
  const batched = (t) => (unbatched ? { shape: [1, ...t.shape], data: t.data } : t)
  const inputs = { x: put(channelsLast(batched(x))) }
  // [out, in, h, w] as [h, w, in, out]
  if (weight !== undefined) inputs.weight = put(weight).transpose([2, 3, 1, 0])
  if (bias !== undefined) inputs.bias = put(bias)
  const found = both(f, inputs, put(channelsLast(batched(dy))))
  const first = (t) => {
    const { shape, data } = channelsFirst(t)
    return { shape: unbatched ? shape.slice(1) : shape, data }
  }
  const { y, dx, dweight, dbias } = found
  const turned = dweight && take(tf.transpose(tf.tensor(dweight.data, dweight.shape), [3, 2, 0, 1]))
  return { y: first(y), dx: first(dx), ...(turned && { dweight: turned }), ...(dbias && { dbias }) }
}

function pool(kind) {
  return (tensors, { kernelSize, stride, padding, dilation, ceilMode, countIncludePad = false }) => {
    if (kind === 'avg' && countIncludePad) throw new NotOffered('padding that counts')
    const pad = [
      [0, 0],
      [padding[0], padding[0]],
      [padding[1], padding[1]],
      [0, 0],
    ]
    const round = ceilMode ? 'ceil' : 'floor'
    const plain = dilation.every((d) => d === 1)
    if (!plain && padding.some((p) => p > 0)) throw new NotOffered('padding with dilation')
    const f = (x) =>
      plain
        ? tf[`${kind}Pool`](x, kernelSize, stride, pad, round)
        : tf.pool(x, kernelSize, kind, 'valid', dilation, stride, round)
    return images(f, tensors)
  }
}

const optimizer = (make) => (tensors, options) =>
  steps(tensors, options, (parameters) => {
    const variables = Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, tf.variable(put(value), true)]),
    )
    const own = make(options)
    return (gradients) => {
      own.applyGradients(
        Object.entries(variables).map(([name, variable]) => {
          tf.engine().registeredVariables[name] = variable
          return { name, tensor: put(gradients[name]) }
        }),
      )
      return Object.fromEntries(Object.entries(variables).map(([name, v]) => [name, take(v)]))
    }
  })

/** A layer of which an input of this shape has made the weights. */
const built = (layer, shape) => {
  layer.apply(tf.zeros(shape))
  return layer
}

await answerQuestions(tf.version.tfjs, {
  relu: elementwise((x) => tf.relu(x)),
  abs: elementwise((x) => tf.abs(x)),
  max: ({ x, dy }) => both((v) => tf.max(v), { x: put(x) }, put(dy)),
  'maximum(x, 0)': elementwise((x) => tf.maximum(x, tf.scalar(0))),
  'maximum(0, x)': elementwise((x) => tf.maximum(tf.scalar(0), x)),
  flatten: ({ x, dy }, { startDim, endDim }) => {
    const last = endDim < 0 ? x.shape.length + endDim : endDim
    const shape = [...x.shape.slice(0, startDim), -1, ...x.shape.slice(last + 1)]
    return both((v) => v.reshape(shape), { x: put(x) }, put(dy))
  },
  maxPool2d: pool('max'),
  avgPool2d: pool('avg'),
  conv2d: (tensors, { stride, padding, dilation, groups }) => {
    if (groups !== 1) throw new NotOffered('groups')
    const pad =
      typeof padding === 'string'
        ? padding
        : [
            [0, 0],
            [padding[0], padding[0]],
            [padding[1], padding[1]],
            [0, 0],
          ]
    return images((x, w, b) => {
      const y = tf.conv2d(x, w, stride, pad, 'NHWC', dilation)
      return b === undefined ? y : y.add(b)
    }, tensors)
  },
  linear: ({ x, weight, bias, dy }) =>
    both(
      (v, w, b) => {
        const flat = v.reshape([-1, v.shape.at(-1)])
        const y = tf.matMul(flat, w, false, true)
        return (b === undefined ? y : y.add(b)).reshape([...x.shape.slice(0, -1), w.shape[0]])
      },
      { x: put(x), weight: put(weight), ...(bias && { bias: put(bias) }) },
      put(dy),
    ),
  crossEntropy: ({ x, target, dy }, options) => {
    onlyWith(options, ['labelSmoothing', 'reduction'])
    if (x.shape.length !== 2) throw new NotOffered(`logits with ${x.shape.length} axes`)
    const [, classes] = x.shape
    const reductions = { mean: 'MEAN', sum: 'SUM', none: 'NONE' }
    const labels =
      target.shape.length === 2
        ? put(target)
        : tf.oneHot(tf.tensor1d(target.data.map(Number), 'int32'), classes)
    const reduction = tf.Reduction[reductions[options.reduction ?? 'mean']]
    const f = (v) =>
      tf.losses.softmaxCrossEntropy(labels, v, undefined, options.labelSmoothing ?? 0, reduction)
    return both(f, { x: put(x) }, put(dy))
  },
  sgd: optimizer(({ lr = 0.001, momentum = 0, nesterov = false, ...rest }) => {
    onlyWith(rest, ['steps'])
    return momentum === 0 ? tf.train.sgd(lr) : tf.train.momentum(lr, momentum, nesterov)
  }),
  adam: optimizer(({ lr = 0.001, betas: [a, b] = [0.9, 0.999], eps = 1e-8, ...rest }) => {
    onlyWith(rest, ['steps'])
    return tf.train.adam(lr, a, b, eps)
  }),
  batchNorm: async ({ x }, { eps, momentum }) => {
    const layer = tf.layers.batchNormalization({ axis: -1, epsilon: eps, momentum: 1 - momentum })
    const y = layer.apply(put(channelsLast(x)), { training: true })
    const [, , mean, variance] = layer.getWeights()
    return {
      y: channelsFirst(take(y)),
      'buffer.running_mean': take(mean),
      'buffer.running_var': take(variance),
    }
  },
  layerNorm: ({ x }, { eps }) => ({
    y: take(tf.layers.layerNormalization({ axis: -1, epsilon: eps }).apply(put(x))),
  }),
  'sgd with rates': (tensors, { rates, momentum }) =>
    steps(tensors, { steps: rates.length }, ({ weight }) => {
      const variable = tf.variable(put(weight), true)
      const own = tf.train.momentum(rates[0], momentum)
      const left = [...rates]
      return (gradients) => {
        own.setLearningRate(left.shift())
        tf.engine().registeredVariables.weight = variable
        own.applyGradients([{ name: 'weight', tensor: put(gradients.weight) }])
        return { weight: take(variable) }
      }
    }),
  'batch norm as told': ({ x }, { momentum }) => {
    const layer = tf.layers.batchNormalization({ axis: -1, momentum })
    layer.apply(put(channelsLast(x)), { training: true })
    return { 'buffer.running_mean': take(layer.getWeights()[2]) }
  },
  'weight layout': (_, { dense, convolution: [inner, filters, ...kernelSize] }) => {
    const shape = (layer) => {
      const own = layer.getWeights()[0].shape
      return { shape: [own.length], data: own }
    }
    return {
      dense: shape(built(tf.layers.dense({ units: dense[1] }), [1, dense[0]])),
      convolution: shape(built(tf.layers.conv2d({ filters, kernelSize }), [1, 9, 9, inner])),
    }
  },
  'initial weights': (_, options) => {
    const [weight, bias] = built(tf.layers.dense({ units: options.out }), [1, options.in]).getWeights()
    const largest = (t) => ({ shape: [], data: [t.abs().max().dataSync()[0] * Math.sqrt(options.in)] })
    return { weight: largest(weight), bias: largest(bias) }
  },
  dropout: ({ x }, { p, seed }) => ({ y: take(tf.dropout(put(x), p, undefined, seed)) }),
})
