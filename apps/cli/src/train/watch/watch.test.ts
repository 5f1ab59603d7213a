import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Dropout, Flatten, Linear, Sequential } from '@handgrad/layers'
import { defaultGenerator } from '@handgrad/tensor'
import { type RunState, resolveConfig, TrainingRun, type TrainOptions } from '@handgrad/trainer'
import { decode } from 'fast-png'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inProcess } from '../../test/handgrad.ts'
import { idxFiles, writeFiles } from '../../test/idx.ts'
import { recordedIo } from '../../test/io.ts'
import { loadData, type NamedData } from '../load-data.ts'
import { confusionPart } from './confusion.ts'
import { filtersPart } from './filters.ts'
import { look } from './look.ts'
import { mistakesPart } from './mistakes.ts'
import { diverging, grey } from './pixels.ts'
import { openWatch } from './watch.ts'

const options: TrainOptions = { preset: 'seed', epochs: 2, batchSize: 16, threads: 1, seed: 3 }
let folder: string
let data: NamedData
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
  data = await loadData(resolveConfig(options), writeFiles(folder, idxFiles(200)))
})
afterAll(() => rmSync(folder, { recursive: true }))

const newRun = (): TrainingRun => new TrainingRun(resolveConfig(options), data)

/** Trains to the end; `onEvent` stands for what the command does after each event. */
async function trained(run: TrainingRun, onEvent: (event: unknown) => void = () => {}): Promise<RunState> {
  for await (const event of run.events()) {
    onEvent(event)
    await setImmediate()
  }
  return run.state()
}

const withoutTimes = ({ history, ...state }: RunState): object => ({
  ...state,
  history: history.map((event) => ({ ...event, seconds: 0, imagesPerSecond: 0 })),
})

describe('a run that is watched', () => {
  it('ends with the same bits as one that nobody saw, and shows all there is', async () => {
    const alone = withoutTimes(await trained(newRun()))
    const { io, err } = recordedIo()
    let clock = 0
    const watch = await openWatch(io, () => (clock += 500))
    const [, url] = /^watch: (http:\S+)\n$/.exec(err.text)!
    let told = ''
    const ended = new Promise<void>((resolve) => {
      get(`${url}events`, (response) => {
        response.setEncoding('utf8').on('data', (part: string) => (told += part))
        response.on('close', () => resolve())
      })
    })
    const run = newRun()
    watch.begin(run, data)
    while (!told.includes('event: run')) await setImmediate()
    const watched = withoutTimes(await trained(run, (event) => watch.event(event as never)))
    await watch.close()
    await ended
    expect(watched).toEqual(alone)
    expect(err.text).toBe(`watch: ${url}\n`)
    const parts = [...told.matchAll(/event: (\w+)\ndata: (.*)\n/g)].map(([, name, text]) => [
      name,
      JSON.parse(text),
    ])
    const last = Object.fromEntries(parts) as Record<string, string>
    expect(last['run']).toBe('<h1>seed on MNIST, seed preset, seed 3, 2 epochs</h1>')
    expect(last['progress']).toMatch(/^<p><strong>test accuracy \d+\.\d\d %<\/strong>, test loss/)
    expect(last['filters']).toContain('Conv2d(1→8, 3×3): 8 outputs.')
    expect(last['filters'].match(/<img /g)).toHaveLength(8)
    expect(last['curves']).toContain('<svg')
    expect(last['mistakes']).toContain('Of the first 40 validation images, ')
    expect(last['confusion'].match(/<tr>/g)).toHaveLength(11)
    const looks = parts.filter(([name]) => name === 'confusion')
    // One when the page was opened, and one an epoch.
    expect(looks).toHaveLength(3)
    expect(parts.filter(([name]) => name === 'progress').length).toBeGreaterThan(20)
  })

  it('--quiet says where the page is all the same: nobody could find it', async () => {
    const words = 'train --watch --quiet --data-dir . --model mlp --epochs 1 --threads 1 --out run'
    const { code, err } = await inProcess(folder, words.split(' '))
    expect(code).toBe(0)
    expect(err).toMatch(/^watch: http:\/\/127\.0\.0\.1:\d+\/\n$/)
  })

  it('draws no picture while nobody looks', async () => {
    const { io, err } = recordedIo()
    const watch = await openWatch(io)
    const run = newRun()
    // What a drawing would read.
    Object.defineProperty(run, 'net', {
      get: () => {
        throw new Error('nobody looks')
      },
    })
    watch.begin(run, data)
    watch.event({ event: 'epoch', epoch: 1 } as never)
    await watch.close()
    expect(err.text).not.toContain('note')
  })
})

describe('a look', () => {
  it('counts the validation images, and has those first that cost most; nothing is drawn or kept', async () => {
    const run = newRun()
    const before = defaultGenerator.getState()
    const { images, confusion, worst } = look(run, 10)
    expect(defaultGenerator.getState()).toEqual(before)
    expect(images).toBe(40)
    run.net.eval()
    const byHand = Array.from({ length: 40 }, (_, i) => {
      const [x, y] = run.validation.dataset.get(i)
      const logits = [...run.net.forward(x.reshape([1, 1, 28, 28])).data]
      const takenFor = logits.indexOf(Math.max(...logits))
      const exps = logits.map((logit) => Math.exp(logit))
      const sum = exps.reduce((a, b) => a + b)
      return {
        x,
        truth: y as number,
        takenFor,
        probability: exps[takenFor] / sum,
        loss: -Math.log(exps[y as number] / sum),
      }
    })
    for (let truth = 0; truth < 10; truth++)
      for (let takenFor = 0; takenFor < 10; takenFor++) {
        const count = byHand.filter((one) => one.truth === truth && one.takenFor === takenFor).length
        expect(confusion.at(truth, takenFor)).toBe(count)
      }
    const wrong = byHand.filter(({ truth, takenFor }) => truth !== takenFor).sort((a, b) => b.loss - a.loss)
    expect(wrong.length).toBeGreaterThan(0)
    expect(worst).toHaveLength(Math.min(12, wrong.length))
    for (const [i, one] of worst.entries()) {
      expect(one).toMatchObject({ truth: wrong[i].truth, takenFor: wrong[i].takenFor })
      expect(one.loss).toBeCloseTo(wrong[i].loss, 4)
      expect(one.probability).toBeCloseTo(wrong[i].probability, 4)
      expect(one.values).toEqual(wrong[i].x.data)
    }
  })
})

/** The pixels of the pictures in markup, red, green and blue each. */
const pixelsOf = (text: string): number[][] =>
  [...text.matchAll(/base64,([^"]+)"/g)].map(([, png]) => [...decode(Buffer.from(png, 'base64')).data])

describe('pictures', () => {
  it('grey from the least value to the largest', () => {
    expect([...grey(Float32Array.of(-1, 0, 3, 1, 99), [2, 2]).data]).toEqual(
      [0, 64, 255, 128].flatMap((value) => [value, value, value]),
    )
    expect([...grey(Float32Array.of(5, 5), [1, 2]).data]).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('blue below 0, orange above, white at 0', () => {
    const colours = diverging([-2, 0, 2, 1], 2, [1, 4])
    const pixels = [0, 1, 2, 3].map((i) => colours.data.subarray(3 * i, 3 * i + 3).join())
    expect(pixels).toEqual(['0,114,178', '255,255,255', '213,94,0', '234,175,128'])
    expect([...diverging([0], 0, [1, 1]).data]).toEqual([255, 255, 255])
  })

  it("a linear layer's weights lie as the image does; a layer without parameters has none", () => {
    const net = new Sequential(new Flatten(), new Dropout(), new Linear(6, 2))
    net.parameters()[0].data.set([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -2])
    const { text } = filtersPart(net, [1, 2, 3])!
    expect(text).toContain('Linear(6→2): 2 outputs.')
    expect(text).toContain('the strongest is 2.00.')
    expect(text).toContain('width="57" height="38"')
    const white = Array(15).fill(255)
    expect(pixelsOf(text)).toEqual([
      [234, 175, 128, ...white],
      [...white, 0x00, 0x72, 0xb2],
    ])
    expect(filtersPart(net, [6])).toBeNull()
    expect(filtersPart(new Sequential(new Flatten()), [1, 2, 3])).toBeNull()
  })

  it('no more filters than can be looked at', () => {
    const { text } = filtersPart(new Sequential(new Linear(4, 65)), [1, 2, 2])!
    expect(text.match(/<img /g)).toHaveLength(64)
    expect(text).toContain('The first 64 of 65.')
  })

  it('mistakes say what they are and what they were taken for, in words that are no markup', () => {
    const worst = [{ values: Float32Array.of(0, 1), truth: 0, takenFor: 1, probability: 0.5, loss: 2 }]
    const { text } = mistakesPart({ images: 2, confusion: null as never, worst }, ['<a>', 'b'], [1, 1, 2])
    expect(text).toContain('&lt;a&gt; taken for b (50.00 %)')
    expect(pixelsOf(text)).toEqual([[0, 0, 0, 255, 255, 255]])
    const none = mistakesPart({ images: 2, confusion: null as never, worst: [] }, [], [1, 1, 2])
    expect(none.text).toContain('none is wrong')
  })

  it('the confusion: rows are the truth; mistakes are darker by their share', () => {
    const counts = [
      [8, 2],
      [0, 1],
    ]
    const confusion = { at: (i: number, j: number) => counts[i][j] }
    const { text } = confusionPart({ images: 11, confusion: confusion as never, worst: [] }, ['a', 'b'])
    const rows = text.split('<tr>').slice(2)
    expect(rows[0]).toContain('<th scope="row">a</th><td style="background: rgba(0, 114, 178, 0.44)">8</td>')
    expect(rows[0]).toContain('<td style="background: rgba(213, 94, 0, 0.55)">2</td>')
    expect(rows[1]).toContain('rgba(213, 94, 0, 0.00)"></td>')
    expect(rows[1]).toContain('rgba(0, 114, 178, 0.55)">1</td>')
  })
})
