import { fields } from '@handgrad/trainer'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { described } from '../help.ts'
import { addTrainOptions, splitOptions } from './options.ts'

function newCommand(): Command {
  const command = new Command('train').exitOverride().configureOutput({ writeErr: () => {} })
  addTrainOptions(command)
  return command
}

const parsed = (text: string): ReturnType<typeof splitOptions> => {
  const command = newCommand()
  command.parse(text === '' ? [] : text.split(' '), { from: 'user' })
  return splitOptions(command.opts())
}

test('every field of the config is an option, its value a number where the field is one', () => {
  const all =
    '--preset seed --dataset fashion-mnist --model mlp --epochs 3 --batch-size 16 --optimizer adam --lr 0.5e-1 ' +
    '--momentum .5 --schedule step --shift 2 --seed -7 --backend reference --threads 2 --turbo --limit 100 --early-stop 4'
  expect(parsed(all).given).toEqual({
    preset: 'seed',
    dataset: 'fashion-mnist',
    model: 'mlp',
    epochs: 3,
    batchSize: 16,
    optimizer: 'adam',
    lr: 0.05,
    momentum: 0.5,
    schedule: 'step',
    shift: 2,
    seed: -7,
    backend: 'reference',
    threads: 2,
    turbo: true,
    limit: 100,
    earlyStop: 4,
  })
  expect(Object.keys(parsed(all).given).sort()).toEqual(Object.keys(fields).sort())
})

test('what is not given is not there: the preset and the defaults decide', () => {
  expect(parsed('')).toEqual({ given: {}, flags: {} })
})

test('the flags are kept apart from the config', () => {
  const words =
    '--data-dir d --out o --resume r --config c --init i --log csv --checkpoint-every 9s --min-accuracy 0.5 --json --quiet'
  const { given, flags } = parsed(`${words} --epochs 1`)
  expect(given).toEqual({ epochs: 1 })
  expect(flags).toEqual({
    dataDir: 'd',
    out: 'o',
    resume: 'r',
    config: 'c',
    init: 'i',
    log: ['csv'],
    checkpointEvery: { count: 9, unit: 'seconds' },
    minAccuracy: 0.5,
    json: true,
    quiet: true,
  })
})

test.each(['1e', '0x1', '1_0', '١', 'Infinity', 'NaN', ' 1', '1 ', '--', '1.2.3', 'e5', '.'])(
  "'%s' is no number",
  (text) => {
    expect(() => newCommand().parse([`--lr=${text}`], { from: 'user' })).toThrow('expected a number above 0')
  },
)

test.each(['-0.1', '1.1', '98', 'x', ''])("'%s' is no accuracy", (text) => {
  const attempt = (): unknown => newCommand().parse([`--min-accuracy=${text}`], { from: 'user' })
  expect(attempt).toThrow('expected a number from 0 to 1')
})

test('the help says what may be given, and what holds otherwise', () => {
  const help = newCommand()
    .configureHelp({ optionDescription: described })
    .helpInformation()
    .replace(/\s+/g, ' ')
  for (const text of [
    '--preset <preset> recipe to start from (default, seed, fast, accurate; default: default)',
    '--dataset <dataset> images to learn (mnist, fashion-mnist; default: mnist)',
    '--model <model> network to train, or the module that makes your own (seed, lenet5, wide, mlp; default: seed)',
    '--epochs <n> passes over the training images (default: 5)',
    '--batch-size <n> images per step (default: 64)',
    '--lr <rate> learning rate; the highest one of one-cycle (default: 0.1)',
    '--momentum <share> momentum of sgd (default: 0.9)',
    '--schedule <schedule> how the learning rate moves (constant, step, one-cycle; default: one-cycle)',
    '--shift <pixels> move training images by up to so many pixels (default: 0)',
    '--seed <n> start of every random draw (default: 0)',
    '--limit <n> use only the first so many training and test images (default: all)',
    '--threads <n> ',
    "--turbo let V8 join the kernels' vectors to 256 bits",
    '--early-stop <epochs> stop after so many epochs without less validation loss, and test the best weights (default: never)',
    '--checkpoint-every <steps> save within epochs too: after so many steps, or seconds as 30s (default: 60s)',
    '--data-dir <folder>',
    '--out <folder>',
    '--resume <run>',
    '--log <kinds> write the measures in other forms too, several with a comma (tensorboard, csv)',
    '--json print one JSON object per epoch and one at the end',
    '--quiet print the result only',
  ])
    expect(help).toContain(text)
})
