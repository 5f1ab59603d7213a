// The little of ONNX's protobuf that these networks need. Numbers are those of onnx.proto3.
const varint = (value) => {
  const bytes = []
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)])
    bytes.push(Number(rest & 127n) | 128)
  }
}
const number = (field, value) => Buffer.concat([varint(field << 3), varint(value)])
const block = (field, bytes) => Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes])
const text = (field, value) => block(field, Buffer.from(value))
const message = (field, ...parts) => block(field, Buffer.concat(parts))

const ints = (name, values) =>
  message(5, text(1, name), ...values.map((value) => number(8, value)), number(20, 7))
const integer = (name, value) => message(5, text(1, name), number(3, value), number(20, 2))
const node = (type, inputs, output, ...attributes) =>
  message(1, ...inputs.map((name) => text(1, name)), text(2, output), text(4, type), ...attributes)

function weight(name, dims) {
  const count = dims.reduce((product, extent) => product * extent, 1)
  const data = Float32Array.from({ length: count }, () => (Math.random() - 0.5) / 10)
  return message(
    5,
    ...dims.map((extent) => number(1, extent)),
    number(2, 1),
    text(8, name),
    block(9, Buffer.from(data.buffer)),
  )
}

function value(field, name, dims) {
  const shape = message(2, ...dims.map((extent) => message(1, number(1, extent))))
  return message(field, text(1, name), message(2, message(1, number(1, 1), shape)))
}

/** A network of networks.json with random weights, for images x [batch,1,28,28], as the bytes of an ONNX file. */
export function modelOf(layers, batch) {
  const parts = []
  let from = 'x'
  layers.forEach(([kind, inputs, outputs, size, pad], i) => {
    const to = i === layers.length - 1 ? 'y' : `a${i}`
    const [w, b] = [`w${i}`, `b${i}`]
    if (kind === 'conv') {
      parts.push(weight(w, [outputs, inputs, size, size]), weight(b, [outputs]))
      parts.push(node('Conv', [from, w, b], to, ints('pads', [pad, pad, pad, pad])))
    }
    if (kind === 'linear') {
      parts.push(weight(w, [outputs, inputs]), weight(b, [outputs]))
      parts.push(node('Gemm', [from, w, b], to, integer('transB', 1)))
    }
    if (kind === 'relu') parts.push(node('Relu', [from], to))
    if (kind === 'flatten') parts.push(node('Flatten', [from], to))
    if (kind === 'pool')
      parts.push(node('MaxPool', [from], to, ints('kernel_shape', [2, 2]), ints('strides', [2, 2])))
    from = to
  })
  const ends = [value(11, 'x', [batch, 1, 28, 28]), value(12, 'y', [batch, 10])]
  const graph = message(7, ...parts, text(2, 'network'), ...ends)
  return Buffer.concat([number(1, 8), graph, message(8, number(2, 17))])
}
