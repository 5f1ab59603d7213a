import { isLayer } from './build.proof.ts'
import type { LayerCase, NetworkCase } from './case.proof.ts'

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  return typeof value === 'string' ? `'${value}'` : String(value)
}

function optionsOf(options: Readonly<Record<string, unknown>>): string[] {
  const entries = Object.entries(options).map(([name, value]) => `${name}: ${literal(value)}`)
  return entries.length === 0 ? [] : [`{ ${entries.join(', ')} }`]
}

/** `new Conv2d(1, 8, 3, { padding: 1 })` */
export function layerCode({ module, args, options }: LayerCase): string {
  const own = args.map((arg) => (isLayer(arg) ? layerCode(arg) : literal(arg)))
  return `new ${module}(${[...own, ...optionsOf(options)].join(', ')})`
}

/** A case for reading, and as data for a test: what a failing network is printed as. */
export function codeOf(network: NetworkCase): string {
  const { layers, batches, sample, loss, input, weights } = network
  const { weight, ...options } = loss.options
  const given = weight === undefined ? options : { ...options, weight: `tensor([${weight.join(', ')}])` }
  return [
    `// images ${batches.map((N) => `[${[N, ...sample].join(',')}]`).join(', then ')}: ${input}; weights: ${weights}`,
    `// targets: ${loss.target}; new CrossEntropyLoss(${optionsOf(given)
      .join('')
      .replaceAll(/'(tensor\(.*?\))'/g, '$1')})`,
    `new Sequential(\n${layers.map((layer) => `  ${layerCode(layer)},\n`).join('')})`,
    `// As a case of packages/trainer/src/programs/named.proof.ts:`,
    JSON.stringify(network),
  ].join('\n')
}
