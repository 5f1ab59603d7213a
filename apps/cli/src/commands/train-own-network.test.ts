import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensors } from '@handgrad/tensor'
import { expect, test } from 'vitest'
import {
  artifacts,
  finish,
  handgrad,
  inProcess,
  jsonLines,
  linesOf,
  start,
  temporaryFolder,
} from '../test/handgrad.ts'
import { smallMnist } from '../test/small-mnist.ts'

const NET = `
import { type Sequential as Network, Linear, Sequential } from '@handgrad/layers'
import { block } from './block.ts'
// Types that a run takes out, and no package.json here: both are fine.
export default (): Network => new Sequential(...block(), new Linear(8, 10))
`
// The first layer stays as it is drawn; the second is the user's own, without kernels.
const BLOCK = `
import { Flatten, type Layer, Linear, ReLU } from '@handgrad/layers'
export function block(): Layer[] {
  const first = new Linear(784, 8)
  for (const parameter of first.parameters()) parameter.requiresGrad = false
  return [new Flatten(), first, new (class Rectifier extends ReLU {})()]
}
`
const words = (text: string): string[] => text.split(' ')
const data = ['--data-dir', smallMnist()]
const train = [
  ...words('train --limit 200 --batch-size 16 --threads 1 --preset seed --model ./net.ts --json'),
  ...data,
]

function place(): string {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'package.json'), '{}')
  writeFileSync(join(cwd, 'net.ts'), NET)
  writeFileSync(join(cwd, 'block.ts'), BLOCK)
  return cwd
}

test('a network of one’s own is trained, stopped, gone on with, and used', { timeout: 240_000 }, async () => {
  const cwd = place()
  const read = (run: string, name: string): Buffer => readFileSync(join(cwd, run, name))
  const whole = await handgrad(cwd, [...train, '--epochs', '4', '--out', 'whole'])
  // Neither a warning of Node's, nor a note on what is frozen.
  expect([whole.code, whole.err]).toEqual([0, ''])
  expect(readdirSync(join(cwd, 'whole')).sort()).toEqual(artifacts)
  const config = JSON.parse(read('whole', 'config.json').toString())
  expect(config.model).toBe(join(cwd, 'net.ts'))
  expect(Object.keys(config.network.files)).toEqual(['block.ts', 'net.ts'])
  const { metadata, tensors } = readSafetensors(read('whole', 'model.safetensors'))
  expect([metadata?.['model'], tensors['1.weight'].shape]).toEqual(['net.ts', [8, 784]])

  const child = start(cwd, [...train, '--epochs', '4'])
  const end = finish(child)
  await once(child.stdout!, 'data')
  child.kill('SIGINT')
  const { code, out } = await end
  expect(code).toBe(130)
  const { resume } = jsonLines(out).at(-1) as { resume: string }
  expect(resume).toBe('handgrad train --resume runs/net-1 --model net.ts')
  // It may have moved, with what it imports.
  mkdirSync(join(cwd, 'src'))
  for (const name of ['net.ts', 'block.ts']) renameSync(join(cwd, name), join(cwd, 'src', name))
  const rest = await handgrad(cwd, words('train --resume runs/net-1 --model src/net.ts --json'))
  expect([rest.code, rest.err]).toEqual([0, ''])
  expect(read('runs/net-1', 'model.safetensors').equals(read('whole', 'model.safetensors'))).toBe(true)

  const tested = jsonLines(rest.out).at(-1)
  const evaluated = await handgrad(cwd, words('eval runs/net-1 --model src/net.ts --json'))
  expect([evaluated.code, evaluated.err]).toEqual([0, ''])
  // The data of the run has its limit.
  expect(jsonLines(evaluated.out)[0]).toMatchObject({ loss: tested.testLoss, accuracy: tested.testAccuracy })
  const part = await handgrad(
    cwd,
    words('eval runs/net-1 --model src/net.ts --part validation --best --json'),
  )
  expect(jsonLines(part.out)[0]['loss']).toBe((tested.best as { validationLoss: number }).validationLoss)
  const file = await handgrad(cwd, words('predict runs/net-1/model.safetensors --model src/net.ts 0 --json'))
  expect(jsonLines(file.out)[0]).toMatchObject({ event: 'predicted', truth: 7 })
  const init = words('train --model src/net.ts --init runs/net-1 --limit 20 --epochs 1 --quiet --out more')
  expect((await handgrad(cwd, [...init, ...data])).code).toBe(0)
})

test('what is needed and not given, or is another, is said in one line', { timeout: 240_000 }, async () => {
  const cwd = place()
  expect((await handgrad(cwd, [...train, '--epochs', '1', '--out', 'run'])).code).toBe(0)
  const fails = async (
    call: string,
    code: number,
    err: string,
    by: typeof handgrad | typeof inProcess = handgrad,
  ): Promise<void> => {
    const found = await by(cwd, words(call))
    expect([call, found.code, found.out, found.err]).toEqual([call, code, '', `error: ${err}\n`])
  }
  const needed = 'run is a run of a network of your own, net.ts: name its file with --model'
  for (const call of [
    'eval run',
    'predict run 0',
    'inspect run',
    'train --resume run',
    'export --to torch run',
  ])
    await fails(call, 2, needed, inProcess)
  await fails(
    'eval run/model.safetensors',
    2,
    'run/model.safetensors has the model "net.ts": name it with --model (seed, lenet5, wide, mlp)',
    inProcess,
  )
  await fails(
    'train --config run/config.json',
    2,
    '--config run/config.json: its network is one of your own, net.ts: name its file with --model',
    inProcess,
  )
  writeFileSync(join(cwd, 'wide.ts'), NET.replace('new Linear(8, 10)', 'new Linear(8, 12)'))
  await fails(
    'train --model ./wide.ts --out wide',
    1,
    'the network has 12 outputs, the data 10 classes: expected as many',
  )
  writeFileSync(
    join(cwd, 'once.ts'),
    `${NET.replace('export default', 'const make =')}\nconst made = make()\nexport const net = () => made`,
  )
  await fails(
    'train --model ./once.ts --out once',
    2,
    '--model ./once.ts: gives the same network twice, expected a new one at each call',
  )
  writeFileSync(
    join(cwd, 'made.ts'),
    `${NET.replace('export default', 'const make =')}\nexport default make()`,
  )
  await fails(
    'train --model ./made.ts --out made',
    2,
    '--model ./made.ts: exports a network that is made already, expected a function that makes one',
  )
  expect(['wide', 'once', 'made'].filter((name) => existsSync(join(cwd, name)))).toEqual([])

  writeFileSync(join(cwd, 'block.ts'), `${BLOCK}// changed\n`)
  const before = readdirSync(join(cwd, 'run'))
  await fails(
    'train --resume run --epochs 2 --model net.ts',
    1,
    'run state: its network is another one: block.ts has changed; go on with it as it was, or start a new run',
  )
  expect(readdirSync(join(cwd, 'run'))).toEqual(before)
  const noted = await handgrad(cwd, words('eval run --model net.ts --json'))
  expect([noted.code, linesOf(noted.err)]).toEqual([
    0,
    ['note: block.ts has changed since the run was trained'],
  ])
  writeFileSync(join(cwd, 'block.ts'), BLOCK.replaceAll('8', '9'))
  writeFileSync(join(cwd, 'net.ts'), NET.replace('8', '9'))
  await fails(
    'eval run --model net.ts',
    1,
    'run/state.safetensors: block.ts has changed since, and the weights do not fit it any more',
  )

  expect(
    (await handgrad(cwd, [...words('train --model mlp --limit 20 --epochs 1 --quiet --out named'), ...data]))
      .code,
  ).toBe(0)
  await fails('eval named --model net.ts', 2, '--model: named is a run of mlp, not of a network of your own')
})

test('a class that is a Sequential', { timeout: 120_000 }, async () => {
  const cwd = temporaryFolder()
  const source = `
import { Flatten, Linear, Sequential } from '@handgrad/layers'
export class Net extends Sequential { constructor() { super(new Flatten(), new Linear(784, 10)) } }
export { Net as net }`
  writeFileSync(join(cwd, 'net.mjs'), source)
  const { code, err } = await handgrad(cwd, [
    ...words('train --model net.mjs --limit 100 --epochs 1 --quiet --out run'),
    ...data,
  ])
  expect([code, err]).toEqual([0, ''])
})
