import {
  type BackendName,
  backends,
  blocksTaken,
  defaultGenerator,
  randn,
  useBackend,
  zeros,
} from '@handgrad/tensor'
import { afterEach, describe, expect, test } from 'vitest'
import type { ProgramData, ProgramStep } from './engine/program-data.ts'
import {
  Conv2d,
  Dropout,
  describeProgram,
  Flatten,
  kernelPlan,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from './index.ts'
import { Leaky, MeanFree, Skip } from './test/containers.ts'

const fast = backends().at(-1)!
afterEach(() => useBackend(fast))

const tiny = () => new Sequential(new Linear(2, 3), new ReLU())
const tinyProgram = (): ProgramData => describeProgram(tiny(), [2, 2]).parts[0].programs[0]
const written = (steps: readonly ProgramStep[]) => steps.map(({ kernel, layer }) => [kernel, layer])
/** Each buffer has 64 bytes behind it, and starts at a multiple of 64; so does each space, whose first 64 are free. */
const room = (...bytes: number[]): number =>
  bytes.reduce((sum, own) => sum + Math.ceil((own + 64) / 64) * 64, 64)

describe('a linear layer and a ReLU on two rows', () => {
  test('are one program, there and two ways back', () => {
    const { network, backend, inputShape, parts } = describeProgram(tiny(), [2, 2])
    expect([network, backend, inputShape]).toEqual(['Sequential(2 layers)', fast, [2, 2]])
    expect(parts).toMatchObject([
      {
        layers: [
          { layer: 'Linear(2→3)', kernel: 'dot products' },
          { layer: 'ReLU()', kernel: 'lanes' },
        ],
        inputShape: [2, 2],
        outputShape: [2, 3],
        programs: [{ samples: 2, shards: 2, micro: 2 }],
      },
    ])
    expect(parts[0].programs).toHaveLength(1)
    expect(tinyProgram().phases.map((phase) => phase.of)).toEqual([
      'forward',
      'backward',
      'backward without inputGrad',
    ])
  })

  test('say of each step who wrote it down', () => {
    const { prepare, phases } = tinyProgram()
    const [forward, backward, without] = phases
    expect(written(prepare)).toEqual([['tensor/gather', 'Linear(2→3)']])
    expect(written(forward.body)).toEqual([
      ['tensor/image_in', null],
      ['layers/linear_forward', 'Linear(2→3)'],
      ['layers/relu_forward', 'ReLU()'],
      ['tensor/image_out', null],
    ])
    expect([forward.begin, forward.end]).toEqual([[], []])
    const back = [
      ['tensor/image_in', null],
      ['tensor/image_in', null],
      ['layers/relu_backward', 'ReLU()'],
      ['tensor/gemm', 'Linear(2→3)'],
      ['layers/sum_cells', 'Linear(2→3)'],
    ]
    expect(written(backward.body)).toEqual([
      ...back,
      ['tensor/gemm', 'Linear(2→3)'],
      ['tensor/image_out', null],
    ])
    expect(written(without.body)).toEqual(back)
    expect(written(backward.begin)).toEqual([['tensor/clear', null]])
    expect(written(backward.end)).toEqual([
      ['tensor/reduce_slots', null],
      ['tensor/gather', null],
    ])
  })

  test('have the bytes that were counted by hand', () => {
    const { buffers, bytes } = tinyProgram()
    const seen = buffers.map(({ kind, space, bytes: all, perSample, kept, layer }) =>
      [kind, space, all, perSample, kept, layer].join(' '),
    )
    const [linear, engine] = ['Linear(2→3)', '']
    // Two samples; a cell of 2 or 3 floats takes 4.
    expect(seen).toEqual([
      `batch fixed 16 8 false ${engine}`, // x
      `sample scratch 32 16 false ${engine}`, // x, as the kernels have it
      `fixed fixed 24  false ${linear}`, // weight
      `fixed fixed 48  false ${linear}`, // weight, 4 floats a row
      `fixed fixed 48  false ${linear}`, // which element each of them is
      `fixed fixed 12  false ${linear}`, // bias
      `sample fixed 32 16 true ${linear}`, // y; ReLU's lies in its place
      `batch fixed 24 12 false ${engine}`, // y for the caller
      `batch fixed 24 12 false ${engine}`, // dy of the caller
      `sample scratch 32 16 false ${engine}`, // dy
      `slot slot 48  false ${linear}`, // dw
      `sum fixed 48  false ${linear}`,
      `fixed fixed 24  false ${linear}`, // dw as torch has it
      `fixed fixed 24  false ${linear}`,
      `slot slot 16  false ${linear}`, // db
      `sum fixed 16  false ${linear}`,
      `sample scratch 32 16 false ${linear}`, // dx
      `batch fixed 16 8 false ${engine}`, // dx for the caller
      `sample scratch 32 16 false ${engine}`, // dy, on the way back without dx
    ])
    const slot = room(48, 16)
    expect(bytes).toEqual({
      fixed: room(slot, 16, 24, 48, 48, 12, 32, 24, 24, 24, 24, 16),
      scratch: room(32, 32, 32, 32),
      slot,
      kept: 32,
    })
  })

  test('say where each argument lies', () => {
    const { phases } = tinyProgram()
    const [, linear, relu] = phases[0].body
    const at = (buffer: number) => ({ buffer, offset: 0 })
    // count, O, F, x, bytes of a sample, weight, bytes of a row, bias, y, bytes of a sample.
    expect(linear.args).toEqual(['count', 3, 4, at(1), 16, at(3), 16, at(5), at(6), 16])
    expect(relu.args).toEqual(['count', 4, at(6), at(6)])
    // Two slots, one behind the other, in one call.
    expect(phases[1].begin[0].args).toEqual([at(10), 1, 256])
  })

  test('print as text that has all of it', () => {
    const text = String(describeProgram(tiny(), [2, 2]))
    expect(text.split('\n').slice(0, 14)).toEqual([
      `Sequential(2 layers) on ${fast}, input [2,2]`,
      '',
      '[2,2] → [2,3]',
      '  Linear(2→3): dot products',
      '  ReLU(): lanes',
      '  program of 2 samples in 2 shards, at most 2 at a time',
      '    1,856 bytes, 32 of them kept; a thread 576, a shard 320',
      '    once a batch, first',
      '      tensor/gather  Linear(2→3)  #3 #2 #4',
      '    phase 1, forward',
      '      each micro-batch',
      '        tensor/image_in                     #0 #1',
      '        layers/linear_forward  Linear(2→3)  #1 #3 #5 #6',
      '        layers/relu_forward    ReLU()       #6',
    ])
    expect(text).toContain('    phase 3, backward without inputGrad\n      once a shard\n')
    expect(text).toContain(
      '      once a batch, when all shards are there\n        tensor/reduce_slots  #11 #10\n',
    )
    expect(text).toContain('      #6   fixed    sample  32 bytes  16 a sample  kept  Linear(2→3)\n')
    expect(JSON.parse(JSON.stringify(describeProgram(tiny(), [2, 2])))).toEqual({
      ...describeProgram(tiny(), [2, 2]),
    })
  })
})

const images = () =>
  new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    new Sequential(new ReLU(), new MaxPool2d(2)),
    new Dropout(0.5),
    new Skip(new Conv2d(4, 4, 3, { padding: 1 })),
    new Flatten(),
    new Linear(64, 3),
    new MeanFree(),
  )

describe('what is said is what lies there', () => {
  test.each([
    [1, true],
    [9, true],
    [20, false],
  ])('of %i samples, training %s', (samples, training) => {
    const net = images().train(training)
    const { parts } = describeProgram(net, [samples, 1, 8, 8])
    const programs = parts.flatMap((part) => part.programs)
    expect(programs).toHaveLength(training ? 1 : 2)
    for (const { buffers, bytes, prepare, phases, ...rest } of programs) {
      expect(rest).toEqual({ samples, shards: Math.min(8, samples), micro: Math.min(8, samples) })
      const kept = buffers.filter((buffer) => buffer.kept)
      expect(kept.reduce((sum, buffer) => sum + buffer.bytes, 0)).toBe(bytes.kept)
      for (const { space, offset, bytes: own } of buffers) {
        const next = buffers.filter((other) => other.space === space && other.offset > offset)
        const end = Math.min(bytes[space], ...next.map((other) => other.offset))
        expect(offset + own).toBeLessThanOrEqual(end)
      }
      const steps = [prepare, ...phases.flatMap(({ begin, body, end }) => [begin, body, end])].flat()
      const places = steps.flatMap(({ args }) => args.filter((arg) => typeof arg === 'object'))
      expect(places.length).toBeGreaterThan(20)
      for (const { buffer, offset } of places) {
        expect(offset).toBeGreaterThanOrEqual(0)
        expect(offset).toBeLessThan(buffers[buffer].bytes)
      }
    }
  })

  test('kept samples count all of a batch, scratch those of a micro-batch', () => {
    const [{ programs }] = describeProgram(images(), [20, 1, 8, 8]).parts
    for (const { perSample, bytes, space } of programs[0].buffers)
      if (perSample !== null) expect(bytes).toBe(perSample * (space === 'fixed' ? 20 : 8))
  })

  test('a container writes its own sum, there and back', () => {
    const net = new Sequential(new Skip(new Linear(4, 4)), new ReLU())
    const [forward, backward] = describeProgram(net, [2, 4]).parts[0].programs[0].phases
    expect(written(forward.body)).toEqual([
      ['tensor/image_in', null],
      ['layers/linear_forward', 'Linear(4→4)'],
      ['tensor/add', 'Skip(Linear(4→4))'],
      ['layers/relu_forward', 'ReLU()'],
      ['tensor/image_out', null],
    ])
    // Two readers of one value: nobody's sum.
    expect(written(backward.body).slice(-2)).toEqual([
      ['tensor/add', null],
      ['tensor/image_out', null],
    ])
  })

  test('a sum over the batch ends a phase, and what follows from it is its layer’s', () => {
    const [{ programs }] = describeProgram(new Sequential(new MeanFree()), [3, 4]).parts
    const [{ phases, bytes }] = programs
    expect(phases.map((phase) => phase.of)).toEqual([
      'forward',
      'forward',
      'backward',
      'backward',
      'backward without inputGrad',
    ])
    expect(written(phases[0].end)).toEqual([
      ['tensor/reduce_slots', null],
      ['tensor/gemm', 'MeanFree()'],
    ])
    expect(bytes.kept).toBe(0)
  })

  test('in evaluation, and beyond 64 MB, the way back runs forward again', () => {
    const net = new Sequential(new Linear(2, 3), new ReLU()).eval()
    const [forward, back] = describeProgram(net, [2, 2]).parts[0].programs
    expect(forward.phases.map((phase) => phase.of)).toEqual(['forward'])
    expect(forward.bytes.kept + back.bytes.kept).toBe(0)
    expect(back.phases.map((phase) => phase.of)).toEqual(['backward', 'backward without inputGrad'])
    expect(written(back.phases[0].body).slice(0, 3)).toEqual(written(forward.phases[0].body).slice(0, 3))
    const wide = new Sequential(new Linear(1, 1024, { bias: false }), new ReLU())
    const counts = [16384, 16385].map((N) => describeProgram(wide, [N, 1]).parts[0].programs.length)
    expect(counts).toEqual([1, 2])
  })
})

describe('what has no program', () => {
  test('a layer of one’s own is a part between two', () => {
    const net = new Sequential(new Linear(4, 4), new Leaky(), new ReLU(), new Linear(4, 2))
    const { parts } = describeProgram(net, [5, 4])
    expect(parts.map(({ layers, programs }) => [layers.length, programs.length])).toEqual([
      [1, 1],
      [1, 0],
      [2, 1],
    ])
    expect(parts[1]).toEqual({
      layers: [{ layer: 'Leaky()', kernel: 'reference' }],
      inputShape: [5, 4],
      outputShape: [5, 4],
      programs: [],
    })
    expect(parts.flatMap(({ layers }) => layers)).toEqual(kernelPlan(net, [5, 4]))
    expect(String(describeProgram(net, [5, 4]))).toContain('\n\n[5,4] → [5,4]\n  Leaky(): reference\n\n')
  })

  test.each<[string, BackendName, Sequential, number[]]>([
    ['on reference', 'reference', tiny(), [2, 2]],
    ['in float64', fast, new Sequential(new Linear(2, 3, { dtype: 'float64' }), new ReLU()), [2, 2]],
    ['an empty batch', fast, tiny(), [0, 2]],
  ])('all of a network %s', (_, backend, net, shape) => {
    useBackend(backend)
    const description = describeProgram(net, shape)
    expect(description.backend).toBe(backend)
    expect(description.parts).toEqual([
      {
        layers: [{ layer: 'Linear(2→3)', kernel: 'reference' }],
        inputShape: shape,
        outputShape: [shape[0], 3],
        programs: [],
      },
      {
        layers: [{ layer: 'ReLU()', kernel: 'reference' }],
        inputShape: [shape[0], 3],
        outputShape: [shape[0], 3],
        programs: [],
      },
    ])
  })

  test('layers of one image run one by one, each as its own program', () => {
    const net = new Sequential(new Conv2d(1, 4, 3), new ReLU())
    const { parts } = describeProgram(net, [1, 8, 8])
    expect(parts.map(({ layers, programs }) => [layers[0].layer, programs[0].samples])).toEqual([
      ['Conv2d(1→4, 3×3)', 1],
      ['ReLU()', 1],
    ])
    // By itself a layer goes by its own mode, not by the network's.
    net.layers[0].eval()
    expect(describeProgram(net, [1, 8, 8]).parts.map(({ programs }) => programs.length)).toEqual([2, 1])
    expect(describeProgram(new Linear(2, 3), [4, 2]).parts).toHaveLength(1)
    expect(describeProgram(new Sequential(), [4, 2]).parts).toEqual([])
  })
})

test('nothing is taken, computed or drawn, and what forward takes afterwards is what was said', () => {
  const net = images()
  const state = defaultGenerator.getState()
  const before = blocksTaken()
  const [{ programs }, ...others] = describeProgram(net, [4, 1, 8, 8]).parts
  expect(others).toEqual([])
  expect(blocksTaken()).toBe(before)
  expect(defaultGenerator.getState()).toEqual(state)
  net.forward(randn([4, 1, 8, 8]))
  // The program's own block, scratch, and the slots.
  expect(blocksTaken() - before).toBe(3 * programs.length)
})

test('a shape that forward refuses is refused in its words', () => {
  const refused = () => describeProgram(images(), [4, 2, 8, 8])
  expect(refused).toThrow(RangeError)
  const words = 'Conv2d(1→4, 3×3): input has 2 channels, expected 1 (input shape [4,2,8,8])'
  expect(refused).toThrow(words)
  expect(() => images().forward(zeros([4, 2, 8, 8]))).toThrow(words)
  expect(() => describeProgram(images(), [4, 1, 7, 8])).toThrow(RangeError)
})
