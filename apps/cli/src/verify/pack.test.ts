import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packSources, writePack } from '@handgrad/gradcheck/node'
import { type DType, loadSafetensors, saveSafetensors, type Tensor, tensor } from '@handgrad/tensor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { repository } from '../repository.ts'
import { inProcess, jsonLines, temporaryFolder } from '../test/handgrad.ts'

/** PyTorch's own float32 result of a case, as the page says that it is told. */
function ownResult(golden: Record<string, Tensor<DType>>, name: string): Float32Array {
  const bits = new Int32Array(Float32Array.from(golden[name].data as Float64Array).buffer)
  const steps = golden[`steps/${name}`]?.data as Int32Array | undefined
  return new Float32Array(bits.map((value, i) => value + (steps?.[i] ?? 0)).buffer)
}

const examples = fileURLToPath(new URL('verify/examples/protocol/', repository))
const pack = mkdtempSync(join(tmpdir(), 'handgrad-pack-'))
afterAll(() => rmSync(pack, { recursive: true, force: true }))
const folders = ['flatten', 'linear', 'max-pool2d', 'relu']
// Computing how far each tensor may be off takes most of it.
beforeAll(async () => void (await writePack(repository, pack, { folders })), 120_000)

/** What the command says, without the marks of its colours. */
async function verify(outputs: string, ...more: string[]): ReturnType<typeof inProcess> {
  const finished = await inProcess(pack, ['verify', '--pack', pack, '--outputs', outputs, ...more])
  return { ...finished, out: finished.out.replace(/<\/?(?:red|reset|dim)>/g, '') }
}

type Tensors = Record<string, Tensor>
const expectedOf = (id: string): Tensors =>
  loadSafetensors(readFileSync(join(pack, 'cases', id, 'expected.safetensors'))) as Tensors

/** The golden values of some cases as a program's answers in float32, changed by `change`. */
function answers(
  ids: readonly string[],
  change: (tensors: Tensors, id: string) => Tensors = (t) => t,
): string {
  const folder = temporaryFolder()
  for (const id of ids) {
    const own = Object.entries(expectedOf(id)).filter(([name]) => !name.startsWith('steps/'))
    const single = own.map(
      ([name, { data, shape }]) => [name, tensor(data, shape, { dtype: 'float32' })] as const,
    )
    const path = join(folder, id, 'outputs.safetensors')
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, saveSafetensors(change(Object.fromEntries(single), id)))
  }
  return folder
}

describe('handgrad verify --pack', () => {
  it('agrees with golden values, and says what was not offered', async () => {
    const { code, out, err } = await verify(answers(['linear/vector', 'relu/images']))
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^relu\/images +float32 +dx +\[2,3,5,4\] +right/m)
    expect(out).toMatch(
      /\n2 cases, 6 tensors: 6 right, 0 wrong, 0 not judged; 371 cases not offered; everything agrees\n$/,
    )
  })

  it('names the case, the tensor and the element that is wrong', async () => {
    const wrong = answers(['linear/vector', 'relu/images'], (tensors, id) => {
      if (id === 'linear/vector') tensors['dweight'].data[10] += 1
      return tensors
    })
    const { code, out } = await verify(wrong)
    expect(code).toBe(3)
    expect(out).toMatch(
      /^linear\/vector: dweight \(float32\) \[1,1\]: expected .*, got .*, 1\.00 apart \(.* ULP\), allowed/m,
    )
    expect(out).toMatch(/1 cases do not agree\n$/)
  })

  it('gives JSON and JUnit', async () => {
    const file = join(temporaryFolder(), 'junit.xml')
    const wrong = answers(['relu/images', 'flatten/images'], (tensors, id) =>
      id === 'relu/images' ? { ...tensors, 'd"<x': tensors['dx'] } : tensors,
    )
    const { code, out } = await verify(wrong, '--json', '--junit', file)
    const [report] = jsonLines(out)
    expect({ code, passed: report['passed'] }).toEqual({ code: 3, passed: false })
    expect(report['problems']).toEqual({ 'relu/images': ['there is no d"<x in this case: expected dx, y'] })
    const xml = readFileSync(file, 'utf8')
    expect(xml).toContain('<testsuite name="relu" tests="10" failures="1" skipped="9">')
    expect(xml).toContain(
      '<testcase classname="relu" name="images"><failure message="there is no d&quot;&lt;x in this case: expected dx, y"/></testcase>',
    )
    expect(xml).toContain('<testcase classname="flatten" name="images"></testcase>')
    expect(xml).toContain('<testsuite name="linear" tests="30" failures="0" skipped="30">')
  })

  it('looks at the cases that are named, and asks for every one where told', async () => {
    const both = answers(['linear/vector', 'relu/images'], (tensors, id) =>
      id === 'relu/images' ? { ...tensors, y: tensor([1]) } : tensors,
    )
    expect(await verify(both, '--only', 'linear/')).toMatchObject({
      code: 0,
      out: expect.stringContaining('29 cases not offered'),
    })
    expect(await verify(both, '--only', 'relu/images', 'linear/')).toMatchObject({ code: 3 })
    expect(await verify(both, '--only', 'linear/', '--all')).toMatchObject({
      code: 3,
      out: expect.stringMatching(/no answer for linear\/3-4-batch-none, /),
    })
    const all = readdirSync(join(pack, 'cases/relu')).map((name) => `relu/${name}`)
    expect(await verify(answers(all), '--only', 'relu/', '--all')).toMatchObject({ code: 0 })
  })

  it('takes the forward pass alone where told', async () => {
    const only = answers(['relu/images'], ({ y }) => ({ y }))
    expect(await verify(only)).toMatchObject({
      code: 3,
      out: expect.stringContaining('relu/images: dx is missing'),
    })
    expect(await verify(only, '--forward')).toMatchObject({ code: 0 })
  })

  it('refuses by name what nobody computed', async () => {
    const { x } = loadSafetensors(readFileSync(join(pack, 'cases/relu/images/inputs.safetensors'))) as Tensors
    const wrong = answers(['linear/vector', 'relu/images'], (tensors, id) =>
      id === 'relu/images' ? { ...tensors, y: x } : { ...tensors, dx: tensor(new Float32Array(9)) },
    )
    const { code, out } = await verify(wrong)
    expect(code).toBe(3)
    expect(out).toMatch(/^relu\/images: y \(float32\) is a copy of x, which the expected values are not; /m)
    expect(out).toMatch(/^linear\/vector: dx \(float32\) is all zero, which the expected values are not; /m)
  })

  it('takes a gradient of zeros, and a copy of the input, where they are right', async () => {
    const { code } = await verify(answers(['relu/all-negative', 'relu/all-positive', 'flatten/images']))
    expect(code).toBe(0)
  })

  it.each<[string, number, readonly string[]]>([
    ['name a bundle, or --pack', 2, []],
    ['--pack needs --outputs', 2, ['--pack', pack]],
    ['--outputs belongs to --pack', 2, ['silu', '--outputs', pack]],
    ['--forward belongs to --pack', 2, ['silu', '--forward']],
    ['--layer belongs to a bundle', 2, ['--pack', pack, '--outputs', pack, '--layer', 'x.ts']],
    ['are two different things', 2, ['silu', '--pack', pack, '--outputs', pack]],
    ['no case of the pack begins with conv2d/', 2, ['--pack', pack, '--outputs', pack, '--only', 'conv2d/']],
    ['there are no answers in', 2, ['--pack', pack, '--outputs', join(pack, 'cases')]],
    ['there is no folder', 2, ['--pack', pack, '--outputs', join(pack, 'nothing')]],
    ['cannot read', 1, ['--pack', join(pack, 'cases'), '--outputs', pack]],
  ])('says "%s" and ends with %i', async (message, code, args) => {
    const { code: ended, err } = await inProcess(pack, ['verify', ...args])
    expect({ ended, err }).toEqual({
      ended: code,
      err: expect.stringMatching(new RegExp(`^error: .*${message}.*\\n$`)),
    })
  })

  it('finds answers that lie in the wrong place or cannot be read', async () => {
    const folder = answers(['relu/images'])
    for (const [name, text] of [
      ['relu/imges/outputs.npz', ''],
      ['linear/vector/outputs.npz', 'x'],
      ['linear/seed-last/output.npz', ''],
    ]) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    const { code, out } = await verify(folder)
    expect(code).toBe(3)
    expect(out).toContain('linear/vector: outputs.npz: no zip archive')
    expect(out).toContain(
      'linear/seed-last: there is output.npz, expected outputs.safetensors or outputs.npz',
    )
    expect(out).toContain('relu/imges: the pack has no such case')
  })

  it('refuses a pack that was changed, and one of another schema', async () => {
    const copy = temporaryFolder()
    cpSync(pack, copy, { recursive: true })
    writeFileSync(join(copy, 'cases/relu/images/expected.safetensors'), saveSafetensors({ y: tensor([1]) }))
    const outputs = answers(['relu/images'])
    expect(await inProcess(pack, ['verify', '--pack', copy, '--outputs', outputs])).toMatchObject({
      code: 1,
      err: 'error: cases/relu/images: its files are not those of manifest.json\n',
    })
    writeFileSync(join(copy, 'manifest.json'), '{"schema":9,"cases":{}}')
    expect(await inProcess(pack, ['verify', '--pack', copy, '--outputs', outputs])).toMatchObject({
      code: 1,
      err: 'error: manifest.json: schema is 9, expected 2\n',
    })
  })
})

describe('the pack', () => {
  it('holds every golden case and tensor of the fixtures, which are no fewer than they were', async () => {
    const sources = await packSources(repository)
    const count = (of: (source: (typeof sources)[number]) => number) =>
      sources.reduce((sum, one) => sum + of(one), 0)
    expect(count(({ fixture }) => fixture.file.cases.length)).toBeGreaterThanOrEqual(814)
    expect(count(({ fixture }) => Object.keys(fixture.golden).length)).toBeGreaterThanOrEqual(5144)
    const withCases = readdirSync(new URL('fixtures/', repository)).filter((name) => {
      try {
        return 'cases' in JSON.parse(readFileSync(new URL(`fixtures/${name}/cases.json`, repository), 'utf8'))
      } catch {
        return false
      }
    })
    expect(sources.map(({ folder }) => folder)).toEqual(withCases)
    const written = readdirSync(join(pack, 'cases/max-pool2d'))
    expect(written.length).toBe(
      sources.find(({ folder }) => folder === 'max-pool2d')!.fixture.file.cases.length,
    )
  })

  it('has the same tensors in both formats, and in every case what its case.json says', async () => {
    const { readNpz } = await import('../../../../packages/gradcheck/src/pack/npz.ts')
    for (const id of ['relu/images', 'linear/vector', 'max-pool2d/several-nan', 'linear/empty-middle']) {
      for (const name of ['inputs', 'expected']) {
        const [wide, zipped] = ['safetensors', 'npz'].map((ending) =>
          readFileSync(join(pack, 'cases', id, `${name}.${ending}`)),
        )
        const [a, b] = [loadSafetensors(wide), readNpz(zipped)]
        expect(Object.keys(b).sort()).toEqual(Object.keys(a).sort())
        for (const [key, { shape, data, dtype }] of Object.entries(a))
          expect(b[key]).toMatchObject({
            dtype: key.startsWith('steps/') ? expect.stringMatching(/^int(8|16|32)$/) : dtype,
            tensor: { shape, data },
          })
      }
      const about = JSON.parse(readFileSync(join(pack, 'cases', id, 'case.json'), 'utf8'))
      const { outputs } = about as { outputs: { name: string; shape: number[]; single: boolean }[] }
      const golden = expectedOf(id)
      for (const { name, shape, single } of outputs) {
        expect(golden[name]).toMatchObject({ shape, dtype: 'float64' })
        expect(Object.hasOwn(golden, `steps/${name}`)).toBe(!single)
      }
    }
  })

  it('tells every float32 result of PyTorch, bit for bit', async () => {
    let different = 0
    for (const { folder, fixture } of await packSources(repository, { folders })) {
      for (const { name } of fixture.file.cases) {
        const golden = loadSafetensors(
          readFileSync(join(pack, 'cases', folder, name, 'expected.safetensors')),
        )
        for (const output of Object.keys(golden).filter((key) => !key.startsWith('steps/'))) {
          const own = fixture.golden[`${name}/float32/${output}`].data as Float32Array
          expect(ownResult(golden, output), `${folder}/${name} ${output}`).toEqual(own)
          if (Object.hasOwn(golden, `steps/${output}`)) different++
        }
      }
    }
    expect(different).toBeGreaterThan(50)
  })

  it('states tolerances that can be worked out by hand', () => {
    const { outputs } = JSON.parse(readFileSync(join(pack, 'cases/relu/matrix/case.json'), 'utf8')) as {
      outputs: { name: string; allowed: Record<string, number> }[]
    }
    const inputs = loadSafetensors(readFileSync(join(pack, 'cases/relu/matrix/inputs.safetensors')))
    const top = Math.max(...(inputs['x'].data as Float32Array))
    const { allowed } = outputs.find(({ name }) => name === 'y')!
    expect([allowed['float64'], allowed['float32']]).toEqual([0, 0])
    // One rounding of the input, at most, and one of the result, 2⁻⁸ each, with a margin of 5 %.
    expect(allowed['bfloat16']).toBeGreaterThan(1.05 * 2 ** -8 * top)
    expect(allowed['bfloat16']).toBeLessThan(1.06 * 2 * 2 ** -8 * top)
    expect(allowed['float16'] / allowed['bfloat16']).toBeGreaterThan(0.06)
    expect(allowed['float16'] / allowed['bfloat16']).toBeLessThan(0.25)
  })
})

/** Why an example cannot be run here, or null. */
function lacking(command: string, ...args: string[]): string | null {
  const { status } = spawnSync(command, args, { stdio: 'ignore' })
  return status === 0 ? null : `skipped: there is no ${[command, ...args].join(' ')} here`
}

describe('the examples', () => {
  it('NumPy: 30 lines, and the one that is wrong on purpose is found', { timeout: 120_000 }, async ({
    skip,
  }) => {
    const lack = lacking('python3', '-c', 'import numpy')
    if (lack !== null) skip(lack)
    const out = temporaryFolder()
    const script = join(examples, 'numpy_relu_linear.py')
    expect(readFileSync(script, 'utf8').split('\n').length - 1).toBeLessThanOrEqual(40)
    execFileSync('python3', [script, pack, out])
    const { code, out: text } = await verify(out)
    expect(code).toBe(3)
    expect(text).toMatch(/^relu\/zeros-and-minus-zeros: dx \(float32\) \[0,0\]: expected 0, got -?\d/m)
    expect(text).toMatch(
      /40 cases, 130 tensors: 129 right, 1 wrong, 0 not judged; 333 cases not offered; 1 cases do not agree\n$/,
    )
  })

  it('C++: one file, right; with another mistake, found', { timeout: 240_000 }, async ({ skip }) => {
    const lack = lacking('g++', '--version')
    if (lack !== null) skip(lack)
    const folder = temporaryFolder()
    const source = readFileSync(join(examples, 'max_pool2d.cpp'), 'utf8')
    const tied = source.replace('value > best ||', 'value >= best ||')
    expect(tied).not.toBe(source)
    const run = (text: string, name: string): string => {
      writeFileSync(join(folder, `${name}.cpp`), text)
      execFileSync('g++', ['-std=c++17', '-O1', join(folder, `${name}.cpp`), '-o', join(folder, name)])
      execFileSync(join(folder, name), [pack, join(folder, `out-${name}`)])
      return join(folder, `out-${name}`)
    }
    const right = await verify(run(source, 'right'), '--only', 'max-pool2d/', '--all')
    expect({ code: right.code, end: right.out.split('\n').at(-2) }).toEqual({
      code: 0,
      end: '318 cases, 636 tensors: 636 right, 0 wrong, 0 not judged; 0 cases not offered; everything agrees',
    })
    const wrong = await verify(run(tied, 'tied'), '--only', 'max-pool2d/')
    expect(wrong.code).toBe(3)
    expect(wrong.out).toMatch(/^max-pool2d\/all-tie: dx \(float32\) /m)
  })

  it('PyTorch itself: float32 agrees', { timeout: 240_000 }, async ({ skip }) => {
    const python = process.env['HANDGRAD_PYTHON'] ?? 'python3'
    const lack = lacking(python, '-c', 'import torch, safetensors')
    if (lack !== null) skip(lack)
    const out = temporaryFolder()
    execFileSync(python, [join(examples, 'pytorch_itself.py'), pack, out])
    expect(await verify(out, '--all')).toMatchObject({ code: 0 })
  })
})
