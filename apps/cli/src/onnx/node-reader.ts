import type { Tensor } from '@handgrad/tensor'
import { type AttributeProto, AttributeProto_AttributeType, type NodeProto } from 'onnx-buf'
import type { Constants } from './constants.ts'
import { OnnxError, quote } from './error.ts'
import { asSides, type Sides } from './pads.ts'
import type { KnownShape } from './shapes.ts'

/** Where a node stands. */
export interface Place {
  readonly constants: Constants
  /** The version of the operators. */
  readonly opset: number
  /** Of what the node reads. */
  readonly shape: KnownShape
  readonly last: boolean
  /** Tells the user something of the network. */
  readonly note: (text: string) => void
}

/**
 * One node of a graph, read argument by argument; what was not asked for by the end is refused, since to leave out an
 * argument that is not understood would give another function.
 */
export class NodeReader {
  readonly #node: NodeProto
  readonly #place: Place
  readonly #attributes: Map<string, AttributeProto>
  #inputs = 1

  constructor(node: NodeProto, place: Place) {
    this.#node = node
    this.#place = place
    this.#attributes = new Map(node.attribute.map((attribute) => [attribute.name, attribute]))
    if (this.#attributes.size < node.attribute.length) this.refuse('an attribute is given twice')
  }

  get shape(): KnownShape {
    return this.#place.shape
  }

  /** Of the images that the node reads, or of lines, as images of one row; null where they are not known, or are neither. */
  get extents(): Sides | null {
    const { shape } = this
    const [H = null, W = null] = shape?.length === 3 ? [1, shape[2]] : (shape ?? []).slice(2)
    return H === null || W === null ? null : [H, W]
  }

  get last(): boolean {
    return this.#place.last
  }

  note(text: string): void {
    this.#place.note(text)
  }

  /** Whether the file's operators are of this version or a later one. */
  since(opset: number): boolean {
    return this.#place.opset >= opset
  }

  /** @throws OnnxError that names the node and its operator. */
  refuse(problem: string): never {
    throw new OnnxError(`node ${quote(this.#node.name)} (${this.#node.opType}): ${problem}`)
  }

  /** @throws OnnxError for an input that is known to have another number of axes. */
  takesAxes(count: number): void {
    const { shape } = this
    if (shape !== null && shape.length !== count)
      this.refuse(`its input has ${shape.length} axes, expected ${count}`)
  }

  int(name: string, fallback: number): number {
    return this.ints(name, 1, AttributeProto_AttributeType.INT)?.[0] ?? fallback
  }

  /** A whole number for each of `axes`, of a line's one with 1 before it; without `fallback` they must be there. */
  sides(name: string, fallback?: Sides, axes: 1 | 2 = 2): Sides {
    const values = this.ints(name, axes)
    return values === null ? (fallback ?? this.refuse(`it has no ${name}`)) : asSides(values)
  }

  /** So many whole numbers; null where they are not there. */
  ints(
    name: string,
    count: number,
    type: AttributeProto_AttributeType = AttributeProto_AttributeType.INTS,
  ): number[] | null {
    const attribute = this.#take(name, type)
    if (attribute === undefined) return null
    const values = type === AttributeProto_AttributeType.INT ? [attribute.i] : attribute.ints
    if (values.length !== count) this.refuse(`${name} has ${values.length} numbers, expected ${count}`)
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

  /** Passes over a whole number that changes nothing here. */
  ignore(name: string): void {
    this.#take(name, AttributeProto_AttributeType.INT)
  }

  /** The next input, a constant of the graph, of one of `ranks` where there are any; null where it is left out. */
  optional(what: string, ...ranks: readonly number[]): Tensor | null {
    const name = this.#next(what)
    if (name === null) return null
    const found = this.#place.constants.tensor(name)
    if (ranks.length > 0 && !ranks.includes(found.shape.length))
      this.refuse(`its ${what} has ${found.shape.length} axes, expected ${ranks.join(' or ')}`)
    return found
  }

  constant(what: string, ...ranks: readonly number[]): Tensor {
    return this.optional(what, ...ranks) ?? this.refuse(`it has no ${what}`)
  }

  /** The next input, a constant of whole numbers or truth values; null where it is left out. */
  optionalWhole(what: string): number[] | null {
    const name = this.#next(what)
    return name === null ? null : this.#place.constants.whole(name)
  }

  whole(what: string): number[] {
    return this.optionalWhole(what) ?? this.refuse(`it has no ${what}`)
  }

  /** @throws OnnxError when something was not read. */
  end(): void {
    const [attribute] = this.#attributes.keys()
    if (attribute !== undefined) this.refuse(`the attribute ${quote(attribute)} is not understood`)
    if (this.#node.input.slice(this.#inputs).some((name) => name !== ''))
      this.refuse(`it has ${this.#node.input.length} inputs, expected at most ${this.#inputs}`)
  }

  /** The name of the next input; null where it is left out. */
  #next(what: string): string | null {
    const name = this.#node.input[this.#inputs++] ?? ''
    if (name === '') return null
    if (!this.#place.constants.has(name))
      this.refuse(`its ${what} ${quote(name)} is not a constant of the graph`)
    return name
  }

  #take(name: string, type: AttributeProto_AttributeType): AttributeProto | undefined {
    const attribute = this.#attributes.get(name)
    this.#attributes.delete(name)
    if (attribute !== undefined && attribute.type !== type)
      this.refuse(`${name} is not ${AttributeProto_AttributeType[type]}`)
    return attribute
  }
}
