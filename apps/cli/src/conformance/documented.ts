/** Whether a library says itself what a cell of the table shows. */
export type Documented =
  | {
      /** The library's own page, and what it says there. */
      readonly page: string
      readonly says: string
    }
  | {
      /** Where nothing was found: what was looked for. */
      readonly lookedFor: string
    }

interface Entry {
  /** The beginning of the names of its columns. */
  readonly library: string
  /** Behaviours by id. */
  readonly rows: readonly string[]
  readonly found: Documented
}

const nothing = (library: string, rows: readonly string[], lookedFor: string): Entry => ({
  library,
  rows,
  found: { lookedFor },
})
const page = (library: string, row: string, address: string, says: string): Entry => ({
  library,
  rows: [row],
  found: { page: address, says },
})

const nan = ['pool-nan', 'pool-nans', 'pool-nan-indices']

/** Each difference in the table once. Doc comments of a package are what its pages are made of. */
export const entries: readonly Entry[] = [
  nothing(
    'TensorFlow.js',
    ['relu-nan', 'abs-zero', 'maximum-x-0', 'maximum-0-x', 'max-ties'],
    'NaN, a gradient or equal elements in the doc comments of tf.relu, abs, maximum and max',
  ),
  nothing(
    'TensorFlow.js',
    [
      ...nan,
      'pool-ties',
      'pool-zeros',
      'pool-negative',
      'pool-infinity',
      'pool-infinity-padding',
      'pool-ceil',
      'average-excluded',
    ],
    'NaN, infinities, equal elements or gradients in the doc comments of tf.maxPool and avgPool',
  ),
  nothing(
    'TensorFlow.js',
    ['batch-norm'],
    'which variance is kept, in the doc comment of tf.layers.batchNormalization',
  ),
  nothing(
    'jax-js',
    ['relu-zero', 'abs-zero', 'maximum-x-0', 'maximum-0-x'],
    'a derivative in the doc comments of nn.relu, which says max(x, 0), and of numpy.abs and maximum',
  ),
  nothing(
    'jax-js',
    [...nan, 'pool-ties', 'pool-zeros', 'pool-infinity'],
    'NaN, equal elements or gradients in the doc comment of lax.reduceWindow',
  ),
  nothing('jax-js', ['layer-norm'], 'how exact the variance is, in the doc comment of nn.standardize'),
  nothing(
    'ConvNetJS',
    [
      ...nan,
      'pool-zeros',
      'pool-infinity',
      'pool-infinity-padding',
      'loss-large',
      'sgd-nesterov',
      'adam-step',
      'adam-epsilon',
      'dropout-scale',
      'dropout-evaluation',
    ],
    'NaN, pooling, Nesterov, Adam and dropout in its README',
  ),
  nothing(
    'onnxruntime-node',
    ['pool-nan-indices', 'pool-infinity-padding'],
    'NaN and −∞ with MaxPool, by a search for the pages of ONNX and onnxruntime',
  ),
  nothing('JAX', ['relu-nan'], 'NaN on the page of jax.nn.relu, which has the slope at 0 alone'),
  nothing('JAX', ['abs-zero'], 'a derivative in the doc comment of jax.numpy.abs'),
  nothing(
    'JAX',
    [...nan, 'pool-infinity-padding'],
    'NaN, infinities or gradients in the doc comment of flax.linen.max_pool',
  ),
  nothing(
    'JAX',
    ['loss-infinity'],
    'infinities in the doc comment of optax.softmax_cross_entropy_with_integer_labels',
  ),
  nothing('JAX', ['batch-norm'], 'which variance is kept, in the doc comment of flax.linen.BatchNorm'),
  page(
    'JAX',
    'layer-norm',
    'https://flax.readthedocs.io/en/latest/api_reference/flax.nnx/nn/normalization.html',
    'use_fast_variance, which is on, is faster and less stable',
  ),
  nothing(
    'Keras',
    ['relu-nan', 'maximum-x-0', 'maximum-0-x'],
    'NaN or gradients in the doc comments of keras.ops.relu and maximum, and of tf.maximum',
  ),
  nothing(
    'Keras',
    [...nan, 'pool-infinity', 'pool-infinity-padding'],
    'NaN or infinities in the doc comments of MaxPooling2D and tf.nn.max_pool2d',
  ),
  nothing(
    'Keras',
    ['conv-same', 'conv-dilation'],
    'one channel in and out in the doc comment of tf.nn.conv2d and in TensorFlow’s issues about oneDNN',
  ),
  page(
    'Keras',
    'adam-epsilon',
    'https://keras.io/2/api/optimizers/adam',
    'epsilon is “epsilon hat” of the paper by Kingma and Ba, not the epsilon of its Algorithm 1',
  ),
  nothing(
    'Keras',
    ['batch-norm'],
    'which variance is kept, in the doc comment of keras.layers.BatchNormalization',
  ),
  nothing(
    'TensorFlow.js',
    ['batch-norm-momentum', 'weight-layout', 'initial-weights'],
    'what momentum counts, the order of a weight’s axes and the usual initializer in the doc comments of tf.layers.batchNormalization, dense and conv2d',
  ),
  page('jax-js', 'gelu-default', 'https://github.com/ekzhang/jax-js', 'approximate is on unless told'),
  nothing('ConvNetJS', ['sgd-rates'], 'momentum and the learning rate in its README'),
  page(
    'JAX',
    'gelu-default',
    'https://docs.jax.dev/en/latest/_autosummary/jax.nn.gelu.html',
    'approximate is True unless told',
  ),
  page(
    'JAX',
    'batch-norm-momentum',
    'https://flax.readthedocs.io/en/v0.6.10/api_reference/_autosummary/flax.linen.BatchNorm.html',
    'momentum is the decay rate of the moving average',
  ),
  nothing(
    'JAX',
    ['one-cycle'],
    'which step has the final value in the doc comment of optax.cosine_onecycle_schedule',
  ),
  nothing(
    'JAX',
    ['weight-layout', 'initial-weights'],
    'the order of a kernel’s axes and the usual initializer in the doc comments of flax.linen.Dense and Conv',
  ),
  page(
    'Keras',
    'sgd-rates',
    'https://keras.io/2.16/api/optimizers/sgd/',
    'velocity = momentum * velocity - learning_rate * g',
  ),
  page(
    'Keras',
    'batch-norm-momentum',
    'https://www.tensorflow.org/api_docs/python/tf/keras/layers/BatchNormalization',
    'moving_mean = moving_mean * momentum + mean(batch) * (1 - momentum)',
  ),
  nothing(
    'Keras',
    ['weight-layout'],
    'the order of a kernel’s axes in the doc comments of keras.layers.Dense and Conv2D',
  ),
  page(
    'Keras',
    'initial-weights',
    'https://keras.io/api/layers/core_layers/dense/',
    'kernel_initializer="glorot_uniform", bias_initializer="zeros"',
  ),
  nothing(
    'PyTorch compiled',
    ['pool-nans'],
    'NaN in max-pooling in the doc comment of torch.compile and among PyTorch’s issues about it, by a search',
  ),
]

/** What is known of a cell that differs; undefined where nobody looked. */
export function documentationOf(column: string, row: string): Documented | undefined {
  return entries.find(({ library, rows }) => column.startsWith(library) && rows.includes(row))?.found
}
