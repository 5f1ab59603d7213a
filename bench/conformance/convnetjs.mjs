import { readFileSync } from 'node:fs'
import convnetjs from 'convnetjs'
import { answerQuestions, NotOffered, onlyWith, steps } from './library.mjs'

/** One image of [1, C, H, W] or [C, H, W] as a volume; ConvNetJS keeps a cell's channels together. */
function volume({ shape, data }) {
  const [c, h, w] = shape.slice(-3)
  if (shape.length === 4 && shape[0] !== 1) throw new NotOffered('more than one image at a time')
  const vol = new convnetjs.Vol(w, h, c, 0)
  for (let k = 0; k < c; k++)
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) vol.set(x, y, k, data[(k * h + y) * w + x])
  return vol
}
function read(vol, which, lead) {
  const data = []
  for (let k = 0; k < vol.depth; k++)
    for (let y = 0; y < vol.sy; y++)
      for (let x = 0; x < vol.sx; x++) data.push(which === 'w' ? vol.get(x, y, k) : vol.get_grad(x, y, k))
  return { shape: [...lead, vol.depth, vol.sy, vol.sx], data }
}
const square = ([a, b], what) => {
  if (a !== b) throw new NotOffered(`${what} of two sizes`)
  return a
}

/** A pass through a layer that was made for the volume, or a list of the numbers in it. */
function pass(make, { x, dy }, lead = x.shape.length === 4 ? [1] : []) {
  const input = volume(x)
  const layer = make(input)
  const output = layer.forward(input, true)
  const upstream = volume({ shape: [...lead, output.depth, output.sy, output.sx], data: dy.data })
  if (dy.data.length !== output.w.length)
    throw new Error(`the output has ${output.w.length} elements, PyTorch's has ${dy.data.length}`)
  output.dw = upstream.w
  layer.backward()
  return { y: read(output, 'w', lead), dx: read(input, 'dw', lead), layer }
}
const sizes = ({ sx, sy, depth }) => ({ in_sx: sx, in_sy: sy, in_depth: depth })

/** A list of numbers as a volume of that depth. */
const column = ({ shape, data }) => ({ shape: [data.length, 1, 1], data, was: shape })
const elementwise =
  (Layer) =>
  ({ x, dy }) => {
    const { y, dx } = pass((v) => new Layer(sizes(v)), { x: column(x), dy: column(dy) }, [])
    return { y: { shape: x.shape, data: y.data }, dx: { shape: x.shape, data: dx.data } }
  }

const trainer = (method) => (tensors, options) => {
  const { lr, rates, momentum = 0, betas = [0.9, 0.999], eps = 1e-8, ...rest } = options
  onlyWith(rest, ['steps'])
  return steps(tensors, options, (parameters) => {
    const entries = Object.entries(parameters)
    const lists = entries.map(([, { data }]) => ({
      params: Float64Array.from(data),
      grads: new Float64Array(data.length),
      l1_decay_mul: 0,
      l2_decay_mul: 0,
    }))
    const net = { forward() {}, backward: () => 0, getParamsAndGrads: () => lists }
    const given = {
      method,
      learning_rate: lr ?? 0.001,
      momentum,
      batch_size: 1,
      eps,
      beta1: betas[0],
      beta2: betas[1],
    }
    const own = new convnetjs.Trainer(net, given)
    const left = [...(rates ?? [])]
    return (gradients) => {
      own.learning_rate = left.shift() ?? own.learning_rate
      entries.forEach(([name], i) => lists[i].grads.set(gradients[name].data))
      own.train(null, 0)
      return Object.fromEntries(
        entries.map(([name, { shape }], i) => [name, { shape, data: lists[i].params.slice() }]),
      )
    }
  })
}

const { version } = JSON.parse(
  readFileSync(new URL('../node_modules/convnetjs/package.json', import.meta.url), 'utf8'),
)

await answerQuestions(version, {
  relu: elementwise(convnetjs.ReluLayer),
  maxPool2d: (tensors, { kernelSize, stride, padding, dilation, ceilMode }) => {
    if (dilation.some((d) => d > 1) || ceilMode) throw new NotOffered('dilation or ceil mode')
    const own = {
      sx: kernelSize[1],
      sy: kernelSize[0],
      stride: square(stride, 'stride'),
      pad: square(padding, 'padding'),
    }
    const { y, dx } = pass((v) => new convnetjs.PoolLayer({ ...own, ...sizes(v) }), tensors)
    return { y, dx }
  },
  conv2d: (tensors, { stride, padding, dilation, groups }) => {
    if (typeof padding === 'string') throw new NotOffered(`padding '${padding}'`)
    if (groups !== 1 || dilation.some((d) => d > 1)) throw new NotOffered('groups or dilation')
    const { weight, bias } = tensors
    const [filters, c, h, w] = weight.shape
    const make = (v) => {
      const layer = new convnetjs.ConvLayer({
        sx: w,
        sy: h,
        filters,
        stride: square(stride, 'stride'),
        pad: square(padding, 'padding'),
        ...sizes(v),
      })
      layer.filters.forEach((filter, o) => {
        const size = c * h * w
        filter.w = volume({ shape: [c, h, w], data: weight.data.slice(o * size, (o + 1) * size) }).w
      })
      layer.biases.w = Float64Array.from(bias?.data ?? new Array(filters).fill(0))
      return layer
    }
    const { y, dx, layer } = pass(make, tensors)
    const dweight = layer.filters.flatMap((filter) => read(filter, 'dw', []).data)
    return {
      y,
      dx,
      dweight: { shape: weight.shape, data: dweight },
      ...(bias && { dbias: { shape: bias.shape, data: Array.from(layer.biases.dw) } }),
    }
  },
  crossEntropy: ({ x, target, dy }, options) => {
    onlyWith(options, ['reduction'])
    if (x.shape.length !== 1 && x.shape[0] !== 1) throw new NotOffered('more than one sample at a time')
    if (target.data.length !== 1) throw new NotOffered('probabilities as target')
    if (dy.data[0] !== 1) throw new NotOffered('an upstream gradient of the loss')
    const own = column({ shape: x.shape, data: x.data })
    const input = volume(own)
    const layer = new convnetjs.SoftmaxLayer(sizes(input))
    layer.forward(input, true)
    const loss = layer.backward(Number(target.data[0]))
    return { y: { shape: [], data: [loss] }, dx: { shape: x.shape, data: Array.from(input.dw) } }
  },
  sgd: (tensors, options) =>
    trainer(options.nesterov ? 'nesterov' : 'sgd')(tensors, { ...options, nesterov: undefined }),
  'sgd with rates': trainer('sgd'),
  adam: trainer('adam'),
  dropout: ({ x }, { p }) => {
    const input = volume(column(x))
    const layer = new convnetjs.DropoutLayer({ drop_prob: p, ...sizes(input) })
    return { y: { shape: x.shape, data: Array.from(layer.forward(input, true).w) } }
  },
  'dropout in evaluation': ({ x }, { p }) => {
    const input = volume(column(x))
    const layer = new convnetjs.DropoutLayer({ drop_prob: p, ...sizes(input) })
    return { y: { shape: x.shape, data: Array.from(layer.forward(input, false).w) } }
  },
})
