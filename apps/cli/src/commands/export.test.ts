import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { seed } from '@handgrad/layers'
import { readSafetensors, saveSafetensors, type Tensor } from '@handgrad/tensor'
import { ModelProtoSchema } from 'onnx-buf'
import { describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { fromOnnx } from '../onnx/read.ts'
import { handgrad, inProcess, jsonLines, temporaryFolder } from '../test/handgrad.ts'

/** A folder as `train` leaves it, and its weights. */
function run(): { cwd: string; state: Record<string, Tensor> } {
  const cwd = temporaryFolder()
  const state = seed().stateDict()
  mkdirSync(join(cwd, 'run'))
  writeFileSync(join(cwd, 'run/model.safetensors'), saveSafetensors(state, { format: 'pt', model: 'seed' }))
  writeFileSync(join(cwd, 'plain.safetensors'), saveSafetensors(state))
  return { cwd, state }
}

describe('handgrad export', () => {
  it('writes a run as ONNX beside it, and that as safetensors again', async () => {
    const { cwd, state } = run()
    const there = await handgrad(cwd, ['export', '--to', 'onnx', 'run'])
    expect(there).toEqual({ code: 0, out: `wrote ${join('run', 'model.onnx')}\n`, err: '' })
    expect(fromOnnx(readFileSync(join(cwd, 'run/model.onnx'))).stateDict()).toEqual(state)

    const back = await handgrad(
      cwd,
      'export --to safetensors run/model.onnx --out back.safetensors --json'.split(' '),
    )
    const bytes = readFileSync(join(cwd, 'back.safetensors'))
    expect(readSafetensors(bytes)).toEqual({ tensors: state, metadata: { format: 'pt' } })
    expect(jsonLines(back.out)).toEqual([
      {
        event: 'exported',
        to: 'safetensors',
        path: 'back.safetensors',
        model: null,
        layers: 8,
        bytes: bytes.length,
      },
    ])
    expect(readdirSync(cwd).sort()).toEqual(['back.safetensors', 'plain.safetensors', 'run'])
  })

  it('overwrites nothing that was not named: a run keeps its weights and their metadata', async () => {
    const { cwd } = run()
    const there = await inProcess(cwd, 'export --to onnx run'.split(' '))
    expect(there.code).toBe(0)
    const contents = (): Record<string, string> =>
      Object.fromEntries(
        ['model.safetensors', 'model.onnx'].map((name) => [
          name,
          readFileSync(join(cwd, 'run', name), 'base64'),
        ]),
      )
    const before = contents()
    for (const [to, source, target] of [
      ['safetensors', 'run/model.onnx', 'model.safetensors'],
      ['onnx', 'run', 'model.onnx'],
      ['onnx', 'run/model.safetensors', 'model.onnx'],
    ]) {
      const { code, out, err } = await inProcess(cwd, ['export', '--to', to, source])
      const message = `error: ${join('run', target)} is there already: name it, or another, with --out\n`
      expect({ code, out, err }).toEqual({ code: 1, out: '', err: message })
    }
    expect(contents()).toEqual(before)
    const named = await inProcess(cwd, 'export --to onnx run --out run/model.onnx'.split(' '))
    expect(named).toEqual({ code: 0, out: `wrote ${join('run', 'model.onnx')}\n`, err: '' })
  })

  it("reads what PyTorch's default exporter wrote, its weights beside it, and says what is left off", async () => {
    const { cwd } = run()
    const fixtures = new URL('../../../../fixtures/onnx/', import.meta.url)
    for (const name of ['default.onnx', 'default.onnx.data', 'default-softmax.onnx'])
      copyFileSync(new URL(name, fixtures), join(cwd, name))
    const plain = await inProcess(cwd, 'export --to safetensors default.onnx'.split(' '))
    expect(plain).toEqual({ code: 0, out: 'wrote default.safetensors\n', err: '' })
    const left = await inProcess(cwd, 'export --to safetensors default-softmax.onnx'.split(' '))
    const note = 'note: default-softmax.onnx: the Softmax at the end is left off: the network gives logits\n'
    expect(left).toEqual({ code: 0, out: 'wrote default-softmax.safetensors\n', err: note })

    rmSync(join(cwd, 'default.onnx.data'))
    rmSync(join(cwd, 'default.safetensors'))
    const alone = await inProcess(cwd, 'export --to safetensors default.onnx'.split(' '))
    expect(alone).toEqual({
      code: 1,
      out: '',
      err: 'error: default.onnx: ONNX: the constant "0.weight" lies in another file, "default.onnx.data": no such file or directory\n',
    })
  })

  it('weights keep the name of their model; --model has the last word', async () => {
    const { cwd, state } = run()
    const metadataOf = (name: string) => readSafetensors(readFileSync(join(cwd, name))).metadata
    await inProcess(cwd, 'export --to safetensors run --out a.safetensors'.split(' '))
    expect(metadataOf('a.safetensors')).toEqual({ format: 'pt', model: 'seed' })
    await inProcess(
      cwd,
      'export --to safetensors plain.safetensors --model seed --out b.safetensors'.split(' '),
    )
    expect(metadataOf('b.safetensors')).toEqual({ format: 'pt', model: 'seed' })
    writeFileSync(join(cwd, 'odd.safetensors'), saveSafetensors(state, { model: 'toString' }))
    const odd = await inProcess(cwd, 'export --to onnx odd.safetensors'.split(' '))
    expect(odd).toMatchObject({
      code: 2,
      err: 'error: odd.safetensors has the model "toString": name it with --model (seed, lenet5, wide, mlp)\n',
    })
    const named = await inProcess(cwd, 'export --to onnx odd.safetensors --model seed'.split(' '))
    expect(named).toMatchObject({ code: 0, out: 'wrote odd.onnx\n' })
    const wrong = await inProcess(cwd, 'export --to onnx run --model mlp --out c.onnx'.split(' '))
    expect(wrong.err).toMatch(/^error: run.model\.safetensors: .*missing 1\.weight/)
  })

  it('an ONNX file says which program wrote it', async () => {
    const { cwd } = run()
    await inProcess(cwd, 'export --to onnx run --out a.onnx'.split(' '))
    const { producerName, producerVersion, graph } = fromBinary(
      ModelProtoSchema,
      readFileSync(join(cwd, 'a.onnx')),
    )
    expect([producerName, producerVersion]).toEqual(['handgrad', manifest.version])
    expect(graph?.input.map(({ name }) => name)).toEqual(['input'])
  })

  it('weights beside a model are read from its folder only', async () => {
    const { cwd } = run()
    const model = fromBinary(
      ModelProtoSchema,
      readFileSync(new URL('../../../../fixtures/onnx/default.onnx', import.meta.url)),
    )
    for (const location of ['../secret', '/etc/hostname', 'a/../../b', '..\\b', '']) {
      for (const { externalData } of model.graph!.initializer)
        for (const entry of externalData) if (entry.key === 'location') entry.value = location
      writeFileSync(join(cwd, 'm.onnx'), toBinary(ModelProtoSchema, model))
      const { code, err } = await inProcess(cwd, 'export --to safetensors m.onnx'.split(' '))
      const where = `${JSON.stringify(location)}: expected a file beside the model\n`
      expect({ code, err }).toEqual({
        code: 1,
        err: `error: m.onnx: ONNX: the constant "0.weight" lies in another file, ${where}`,
      })
    }
  })

  it('ends with 2 for what was asked wrongly, and with 1 for a bad file, in one line', async () => {
    const { cwd } = run()
    mkdirSync(join(cwd, 'empty'))
    writeFileSync(join(cwd, 'bad.onnx'), 'no model')
    writeFileSync(join(cwd, 'cut.safetensors'), readFileSync(join(cwd, 'plain.safetensors')).subarray(0, 900))
    const cases: [args: string, code: number, message: RegExp][] = [
      [
        '--to onnx plain.safetensors',
        2,
        /^error: plain\.safetensors does not say which model .*--model \(seed, /,
      ],
      ['--to tflite run', 2, /Allowed choices are onnx/],
      ['run', 2, /--to <format>/],
      ['--to onnx', 2, /missing required argument 'source'/],
      ['--to safetensors run', 2, /is the file that is read/],
      ['--to onnx empty', 1, /^error: cannot read empty.model\.safetensors: no such file or directory/],
      ['--to onnx nothing', 1, /^error: cannot read nothing: no such file or directory/],
      ['--to onnx cut.safetensors --model seed', 1, /^error: cut\.safetensors: safetensors: /],
      ['--to onnx plain.safetensors --model mlp', 1, /^error: plain\.safetensors: .*missing 1\.weight/],
      ['--to safetensors bad.onnx', 1, /^error: bad\.onnx: ONNX: the file is not a protobuf message/],
      ['--to onnx run --out none/x.onnx', 1, /^error: cannot write .*no such file or directory/],
    ]
    for (const [args, code, message] of cases) {
      const result = await inProcess(cwd, ['export', ...args.split(' ')])
      expect(result, args).toMatchObject({ code, out: '', err: expect.stringMatching(message) })
      expect(result.err.trimEnd(), args).not.toContain('\n')
    }
    expect(readdirSync(join(cwd, 'run'))).toEqual(['model.safetensors'])
  })
})
