import { formatShape, numel, sameShape, type Tensor } from '@handgrad/tensor'
import {
  type AccessorNode,
  type ConstantNode,
  type FunctionNode,
  isAccessorNode,
  isConstantNode,
  isFunctionNode,
  isOperatorNode,
  isParenthesisNode,
  isSymbolNode,
  type MathNode,
  type OperatorNode,
  type ParenthesisNode,
} from 'mathjs/number'
import { evaluateElements } from './elements.ts'
import type { Model } from './model.ts'
import { calleeOf, nameOf } from './parse.ts'

/** A dense array of the matrix notation. */
export interface Dense {
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
}

/** The values of the index names in force. */
type Indices = Readonly<Record<string, number>>

function broadcast(a: Dense, b: Dense, f: (a: number, b: number) => number): Dense {
  const [long, short] = a.shape.length >= b.shape.length ? [a, b] : [b, a]
  if (!sameShape(long.shape.slice(long.shape.length - short.shape.length), short.shape)) {
    throw new Error(`shapes ${formatShape(a.shape)} and ${formatShape(b.shape)} do not go together`)
  }
  const at = (x: Dense, i: number): number => x.data[i % x.data.length]
  return { shape: long.shape, data: Float64Array.from(long.data, (_, i) => f(at(a, i), at(b, i))) }
}

/** [… , M, K] times [… , K, P]; a stack of matrices on one side repeats a single matrix on the other. */
function product(a: Dense, b: Dense): Dense {
  const [M, K] = a.shape.slice(-2)
  const [rows, P] = b.shape.slice(-2)
  const stack = a.shape.length >= b.shape.length ? a.shape.slice(0, -2) : b.shape.slice(0, -2)
  const fits = [a, b].every((x) => x.shape.length === 2 || sameShape(x.shape.slice(0, -2), stack))
  if (K !== rows || !fits) {
    throw new Error(
      `${formatShape(a.shape)} * ${formatShape(b.shape)}: these are no factors of a matrix product`,
    )
  }
  const data = new Float64Array(numel(stack) * M * P)
  for (let n = 0; n < numel(stack); n++) {
    const [fromA, fromB] = [a.shape.length === 2 ? 0 : n * M * K, b.shape.length === 2 ? 0 : n * K * P]
    for (let m = 0; m < M; m++) {
      for (let p = 0; p < P; p++) {
        let sum = 0
        for (let k = 0; k < K; k++) sum += a.data[fromA + m * K + k] * b.data[fromB + k * P + p]
        data[(n * M + m) * P + p] = sum
      }
    }
  }
  return { shape: [...stack, M, P], data }
}

function transpose({ shape, data }: Dense): Dense {
  const [M, P] = shape.slice(-2)
  const stack = shape.slice(0, -2)
  const turned = Float64Array.from(data, (_, i) => {
    const [n, p, m] = [Math.floor(i / (M * P)), Math.floor(i / M) % P, i % M]
    return data[(n * M + m) * P + p]
  })
  return { shape: [...stack, P, M], data: turned }
}

function sumOverAxes({ shape, data }: Dense, axes: readonly number[]): Dense {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  const out = new Float64Array(numel(kept.map((axis) => shape[axis])))
  for (let i = 0; i < data.length; i++) {
    let flat = 0
    for (const axis of kept)
      flat = flat * shape[axis] + (Math.floor(i / numel(shape.slice(axis + 1))) % shape[axis])
    out[flat] += data[i]
  }
  return { shape: kept.map((axis) => shape[axis]), data: out }
}

function slice({ shape, data }: Dense, indices: readonly number[]): Dense {
  const rest = shape.slice(indices.length)
  const start = indices.reduce((flat, index, axis) => flat * shape[axis] + index, 0) * numel(rest)
  return { shape: rest, data: Array.from(data).slice(start, start + numel(rest)) }
}

function sum(model: Model, { args }: FunctionNode, indices: Indices): Dense {
  const [body, ...over] = args
  if (over.every(isConstantNode)) {
    return sumOverAxes(
      matrixValue(model, body, indices),
      over.map((axis) => (axis as ConstantNode<number>).value),
    )
  }
  const name = nameOf(over[0])
  const terms = Array.from({ length: model.extents[name] }, (_, i) =>
    matrixValue(model, body, { ...indices, [name]: i }),
  )
  return terms.reduce((a, b) => broadcast(a, b, (x, y) => x + y))
}

/** An operator that a line of the derivation defines, applied to a whole tensor. */
function applyOperator(model: Model, name: string, argument: Dense): Dense {
  const step = model.steps.find(({ parsed: { left } }) => left.kind === 'operator' && left.symbol === name)
  if (step === undefined || step.parsed.left.kind !== 'operator') throw new Error(`no line defines ${name}()`)
  const [parameter] = step.parsed.left.parameters
  const tensors = { ...model.binding.tensors, [parameter]: argument as unknown as Tensor }
  return evaluateElements({ ...model, binding: { ...model.binding, tensors } }, step)
}

function operator(model: Model, node: OperatorNode, indices: Indices): Dense {
  const [a, b] = node.args.map((arg) => matrixValue(model, arg, indices))
  switch (node.fn as string) {
    case 'multiply':
      return product(a, b)
    case 'add':
      return broadcast(a, b, (x, y) => x + y)
    case 'subtract':
      return broadcast(a, b, (x, y) => x - y)
    case 'unaryMinus':
      return { shape: a.shape, data: Float64Array.from(a.data, (x) => -x) }
    case 'ctranspose':
      return transpose(a)
    default:
      throw new Error(`'${node.toString()}' is not part of the matrix notation`)
  }
}

/** The value of an expression of whole tensors. */
export function matrixValue(model: Model, node: MathNode, indices: Indices = {}): Dense {
  if (isParenthesisNode(node)) return matrixValue(model, (node as ParenthesisNode).content, indices)
  if (isOperatorNode(node)) return operator(model, node as OperatorNode, indices)
  if (isAccessorNode(node)) {
    const { object, index } = node as AccessorNode & { object: MathNode }
    const at = index.dimensions.map((dimension) => indices[nameOf(dimension)])
    return slice(matrixValue(model, object), at)
  }
  if (isFunctionNode(node)) {
    const call = node as FunctionNode
    const name = calleeOf(call)
    return name === 'sum'
      ? sum(model, call, indices)
      : applyOperator(model, name, matrixValue(model, call.args[0], indices))
  }
  if (isSymbolNode(node) && Object.hasOwn(model.binding.tensors, nameOf(node)))
    return model.binding.tensors[nameOf(node)]
  throw new Error(`'${node.toString()}' is not part of the matrix notation`)
}
