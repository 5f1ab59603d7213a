import type { GraphProto, NodeProto } from 'onnx-buf'
import type { Constants } from './constants.ts'
import { OnnxError, quote } from './error.ts'
import { operators } from './operators.ts'

/** The name of the operators' standard domain, and its other spelling. */
const STANDARD = new Set(['', 'ai.onnx'])

/** Whether the name of a domain of operators is the standard one's. */
export const isStandard = (domain: string): boolean => STANDARD.has(domain)

/**
 * The nodes that compute, when each reads what the one before gave, from the graph's one input to its one output. Nodes
 * Constant and Identity become names in `constants` and along the chain.
 * @throws OnnxError for a graph that is no chain of known operators.
 */
export function chainOf(graph: GraphProto, constants: Constants): NodeProto[] {
  let value = inputOf(graph, constants)
  const output = graph.output[0].name
  const read = new Set([output, ...graph.node.flatMap(({ input }) => input)])
  const chain: NodeProto[] = []
  for (const node of graph.node) {
    checkKnown(node)
    const [first = '', second] = node.input
    const [gives = '', ...more] = node.output
    const other = more.find((name) => name !== '' && read.has(name))
    if (other !== undefined) refuse(node, `its output ${quote(other)} is read, expected only its first to be`)
    if (node.opType === 'Constant') constants.define(gives, node, (problem) => refuse(node, problem))
    else if (node.opType === 'Identity' && constants.has(first)) constants.alias(gives, first)
    else {
      if (node.opType === 'Add' && second === value) node.input.reverse()
      if (node.input[0] !== value)
        refuse(node, `it reads ${quote(first)}, expected ${quote(value)}: the graph is no chain`)
      if (node.opType !== 'Identity') chain.push(node)
      value = gives
    }
  }
  if (value !== output)
    throw new OnnxError(`the graph's output is ${quote(output)}, its last node gives ${quote(value)}`)
  return chain
}

/** The name of the graph's one input; old files list their constants among them. */
function inputOf(graph: GraphProto, constants: Constants): string {
  const inputs = graph.input.filter(({ name }) => !constants.has(name))
  if (inputs.length !== 1 || graph.output.length !== 1) {
    throw new OnnxError(
      `the graph has ${inputs.length} inputs and ${graph.output.length} outputs, expected one of each`,
    )
  }
  return inputs[0].name
}

/** @throws OnnxError that names the node and its operator. */
export function refuse({ name, opType }: NodeProto, problem: string): never {
  throw new OnnxError(`node ${quote(name)} (${opType.slice(0, 80)}): ${problem}`)
}

function checkKnown(node: NodeProto): void {
  const known = [...operators.map(({ op }) => op), 'Constant', 'Identity']
  if (!isStandard(node.domain) || !known.includes(node.opType))
    refuse(node, `this operator is not read, only ${known.join(', ')}`)
}
