import type { Tensor } from '@handgrad/tensor'
import { type AttributeProto, AttributeProto_AttributeType, type NodeProto } from 'onnx-buf'
import { OnnxError, quote } from './error.ts'

/**
 * One node of a graph, read argument by argument; what was not asked for by the end is refused, since to leave out an
 * argument that is not understood would give another function.
 */
export class NodeReader {
  readonly #node: NodeProto
  readonly #constants: ReadonlyMap<string, Tensor>
  readonly #attributes: Map<string, AttributeProto>
  #inputs = 1

  constructor(node: NodeProto, constants: ReadonlyMap<string, Tensor>) {
    this.#node = node
    this.#constants = constants
    this.#attributes = new Map(node.attribute.map((attribute) => [attribute.name, attribute]))
    if (this.#attributes.size < node.attribute.length) this.refuse('an attribute is given twice')
    if (node.output.length !== 1) this.refuse(`it has ${node.output.length} outputs, expected 1`)
  }

  /** @throws OnnxError that names the node and its operator. */
  refuse(problem: string): never {
    throw new OnnxError(`node ${quote(this.#node.name)} (${this.#node.opType}): ${problem}`)
  }

  int(name: string, fallback: number): number {
    return this.ints(name, [fallback], AttributeProto_AttributeType.INT)[0]
  }

  /** A list as long as `fallback`. */
  ints(
    name: string,
    fallback: number[],
    type: AttributeProto_AttributeType = AttributeProto_AttributeType.INTS,
  ): number[] {
    const attribute = this.#take(name, type)
    if (attribute === undefined) return fallback
    const values = type === AttributeProto_AttributeType.INT ? [attribute.i] : attribute.ints
    if (values.length !== fallback.length)
      this.refuse(`${name} has ${values.length} numbers, expected ${fallback.length}`)
    return values.map(Number)
  }

  float(name: string, fallback: number): number {
    return this.#take(name, AttributeProto_AttributeType.FLOAT)?.f ?? fallback
  }

  text(name: string, fallback: string): string {
    const attribute = this.#take(name, AttributeProto_AttributeType.STRING)
    return attribute === undefined ? fallback : new TextDecoder().decode(attribute.s)
  }

  /** Reads an attribute that has one value only here. */
  only(name: string, expected: number, read: 'int' | 'float' = 'int'): void {
    const value = this[read](name, expected)
    if (value !== expected) this.refuse(`${name} is ${value}, expected ${expected}`)
  }

  /** The next input, a constant of the graph of rank `rank`; null where it is left out. */
  optional(what: string, rank: number): Tensor | null {
    const name = this.#node.input[this.#inputs++] ?? ''
    if (name === '') return null
    const found = this.#constants.get(name)
    if (found === undefined) this.refuse(`its ${what} ${quote(name)} is not a constant of the graph`)
    if (found.shape.length !== rank)
      this.refuse(`its ${what} has ${found.shape.length} axes, expected ${rank}`)
    return found
  }

  constant(what: string, rank: number): Tensor {
    return this.optional(what, rank) ?? this.refuse(`it has no ${what}`)
  }

  /** @throws OnnxError when something was not read. */
  end(): void {
    const [attribute] = this.#attributes.keys()
    if (attribute !== undefined) this.refuse(`the attribute ${quote(attribute)} is not understood`)
    if (this.#node.input.slice(this.#inputs).some((name) => name !== ''))
      this.refuse(`it has ${this.#node.input.length} inputs, expected at most ${this.#inputs}`)
  }

  #take(name: string, type: AttributeProto_AttributeType): AttributeProto | undefined {
    const attribute = this.#attributes.get(name)
    this.#attributes.delete(name)
    if (attribute !== undefined && attribute.type !== type)
      this.refuse(`${name} is not ${AttributeProto_AttributeType[type]}`)
    return attribute
  }
}
