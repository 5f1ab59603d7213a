import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { $, argv, echo } from 'zx'

/**
 * Makes the two folders of a new layer: packages/layers/src/<name> and fixtures/<name>.
 *
 *     pnpm new:layer sigmoid [--class Sigmoid] [--torch nn.Sigmoid]
 *
 * It starts as the identity with one parameter-free formula, so that every view has something to prove; writing the
 * layer is changing that formula in the code and in the derivation until both agree with PyTorch.
 */
const root = join(import.meta.dirname, '..')
const name = argv._[0] ?? ''
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
  echo(`error: '${name}' is no folder name; give one in lower case with dashes, as max-pool2d`)
  process.exit(2)
}
const className = String(
  argv.class ?? name.replace(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase()),
)
const torch = String(argv.torch ?? `nn.${className}`)
const folder = join(root, 'packages/layers/src', name)
if (existsSync(folder)) {
  echo(`error: packages/layers/src/${name} is there already`)
  process.exit(1)
}

const files: Record<string, string> = {
  [`${name}.ts`]: `import { checkOptions, type Tensor } from '@handgrad/tensor'
import { FormulaLayer } from '../layer.ts'

/** y = x, elementwise; dx = dy. Any shape. */
export class ${className} extends FormulaLayer<null, null> {
  constructor(_options: Readonly<Record<string, never>> = {}) {
    super()
    checkOptions('${className}', {}, arguments, 0)
  }

  protected plan(): null {
    return null
  }

  protected compute(x: Tensor): { y: Tensor; saved: null } {
    const y = x.clone()
    for (let i = 0; i < y.data.length; i++) y.data[i] = x.data[i]
    return { y, saved: null }
  }

  protected gradients(dy: Tensor, _saved: null, _plan: null, inputGrad: boolean): Tensor | null {
    if (!inputGrad) return null
    const dx = dy.clone()
    for (let i = 0; i < dx.data.length; i++) dx.data[i] = dy.data[i]
    return dx
  }

  outputShape(shape: readonly number[], dtype: Tensor['dtype'] = 'float32'): number[] {
    this.checkDtype(dtype)
    return [...shape]
  }

  describe(): string {
    return '${className}()'
  }
}
`,
  'derivation.ts': `import type { Derivation, ModuleCase } from '@handgrad/gradcheck'

/** The derivative of {@link ${className}}. */
export const derivation: Derivation<ModuleCase> = {
  symbols: {
    x: 'input, all of its T elements in one row [T]',
    y: 'output [T]',
    dy: 'gradient of the loss with respect to the output [T]',
    dx: 'gradient with respect to the input [T]',
  },
  indices: { t: 'T', u: 'T' },
  golden: { y: 'y', dx: 'dx' },
  steps: [
    { id: 'forward', equation: 'y[t] = x[t]', because: 'What the layer is.' },
    {
      id: 'dx-chain',
      equation: 'dx[t] = sum(dy[u] * diff(y[u], x[t]), u)',
      because: 'The chain rule over all elements of the output.',
    },
    {
      id: 'dx-local',
      equation: 'diff(y[u], x[t]) = (u == t) * 1',
      because: 'Each output depends on its own input alone.',
    },
    { id: 'dx', equation: 'dx[t] = dy[t]', because: 'Of the sum only u = t is left.' },
  ],
  bind(_item, values) {
    const T = values.x.data.length
    const row = (symbol: string) => values[symbol].reshape([T])
    return { sizes: { T }, tensors: { x: row('x'), y: row('y'), dy: row('dy'), dx: row('dx') } }
  },
}
`,
  'mutants.ts': `import type { Mutant } from '@handgrad/gradcheck'

const file = 'packages/layers/src/${name}/${name}.ts'

/** Mistakes in ${className}'s gradient. */
export const mutants: readonly Mutant[] = [
  { name: 'sign flipped', file, find: 'dx.data[i] = dy.data[i]', replace: 'dx.data[i] = -dy.data[i]' },
]
`,
  'spec.ts': `import type { ModuleSpec } from '@handgrad/gradcheck'
import { derivation } from './derivation.ts'
import { mutants } from './mutants.ts'
import { ${className} } from './${name}.ts'

/** The cases of {@link ${className}}. */
export const spec: ModuleSpec = {
  kind: 'module',
  name: '${className}',
  torch: '${torch}',
  derivation,
  mutants,
  create: (_args, options) => new ${className}(options),
  cases: [
    { name: 'images', inputs: { x: { shape: [2, 3, 5, 4] } } },
    { name: 'matrix', inputs: { x: { shape: [7, 5], fill: 'uniform' } } },
    { name: 'one-dimension', inputs: { x: { shape: [11] } } },
    {
      name: 'empty-batch',
      inputs: { x: { shape: [0, 3, 4] } },
      expect: { dx: { zero: 'there is no element' } },
    },
  ],
  errors: [
    {
      name: 'integers',
      inputs: { x: { shape: [3], fill: 'classes', classes: 3, dtype: 'int32' } },
      message: '${className}(): input is int32, expected float32 or float64',
      torchAccepts: 'some layers take integers, where no gradient exists',
    },
  ],
}
`,
}

mkdirSync(folder, { recursive: true })
for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
await $({ cwd: root, stdio: 'inherit' })`node scripts/generate.ts`
await $({ cwd: root, stdio: 'inherit' })`node scripts/export-fixtures.ts ${name}`
echo(`packages/layers/src/${name} and fixtures/${name} are there.
Now write the formula in ${name}.ts and in derivation.ts, and the cases in spec.ts; after a change of the cases:
  pnpm fixtures:export ${name}
  pnpm test layers`)
