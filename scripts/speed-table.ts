import type { Goal, RatioRow, Report, Speed, SpeedSetting } from '../apps/cli/src/bench/report.ts'

const OURS = 'handgrad simd'
const LOOP = `${OURS} loop`
const MEASURE = '`pnpm bench:setup; pnpm bench`'
const SAME = 'the same'

/** Which ratio of the report a cell shows. */
interface Cell {
  readonly network: string
  readonly batch: number
  readonly mode?: SpeedSetting['mode']
  readonly threads?: number
  readonly against?: string
  /** Who of ours, where it is not the column's. */
  readonly name?: string
}

/** README's section on speed, from `bench/results.json`: a row a claim, each number from the report. */
export function speedSection({ machine, speed, accuracy }: Report): string {
  if (speed === undefined || accuracy === undefined)
    throw new Error(
      'bench/results.json lacks speed or accuracy: run `pnpm bench --save; pnpm bench:accuracy --save`',
    )
  const [day] = speed.date.split('T')
  const rows = [
    ['claim, on 2 threads', 'plain', '`--turbo`', 'the command that shows it'],
    ...speedRows(speed),
    ...loopRows(speed),
    ...accuracy.goals.map((goal, i) => accuracyRow(goal, i === 0 ? '`pnpm bench:accuracy`' : SAME)),
  ]
  return [
    `Medians of ratios in one run (${day}, commit ${speed.commit.slice(0, 7)}) on ${machine.cores} cores of a shared machine`,
    `without a GPU (${machine.cpu}); [bench/README.md](bench/README.md) says how they are taken, and`,
    '`bench/results.json` has every number behind them, and the ranges: they are wide here, and other machines differ.',
    '',
    ...table(rows),
  ].join('\n')
}

function speedRows(speed: Speed): string[][] {
  const training = { network: 'seed', batch: 64 }
  const js = fastestInJavaScript(speed)
  const row = (claim: string, command: string, ...cells: Cell[]): string[] => [
    claim,
    ...[OURS, `${OURS} turbo`].map((name) => cells.map((cell) => times(ratio(speed, name, cell))).join(', ')),
    command,
  ]
  const perceptron = { network: 'mlp', batch: 64 }
  return [
    row("training the seed's network, batch 64, against PyTorch's fastest configuration", MEASURE, training),
    row(
      'the same at batch 256, and on one thread at batch 64',
      SAME,
      { ...training, batch: 256 },
      { ...training, threads: 1 },
    ),
    row(`against the fastest other JavaScript library that trains it (${js}), batch 64`, SAME, {
      ...training,
      against: js,
    }),
    row(
      "its inference against onnxruntime's native one, batches 64 and 256",
      SAME,
      ...[64, 256].map(
        (batch): Cell => ({ network: 'seed', batch, mode: 'infer', against: 'onnxruntime-node' }),
      ),
    ),
    row(
      'training LeNet-5, and a wider network (1→32→64), against PyTorch, batch 64',
      SAME,
      { network: 'lenet5', batch: 64 },
      { network: 'wide', batch: 64 },
    ),
    row('training a perceptron (784→128→10) against PyTorch, batches 64 and 256', SAME, perceptron, {
      ...perceptron,
      batch: 256,
    }),
  ]
}

/** README's loop itself; nothing where the report is older than that. */
function loopRows(speed: Speed): string[][] {
  const setting: Cell = { network: 'seed', batch: 64, name: LOOP }
  if (ratio(speed, OURS, { ...setting, against: OURS }) === undefined) return []
  const row = (claim: string, digits: number, ...cells: Cell[]): string[] => [
    claim,
    cells.map((cell) => times(ratio(speed, OURS, { ...setting, ...cell }), digits)).join(', '),
    '',
    SAME,
  ]
  const both = (cell: Partial<Cell>): Cell[] => [2, 1].map((threads) => ({ ...setting, ...cell, threads }))
  const without = `${LOOP} without-dx`
  return [
    row(
      "the loop above, its very text, against PyTorch's in its default format, batch 64, on two threads and on one",
      1,
      ...both({ against: 'PyTorch, default format' }),
    ),
    row("against PyTorch's fastest configuration, on two threads and on one", 1, ...both({})),
    row("against this library's own training step, on two threads and on one", 2, ...both({ against: OURS })),
    row('the same with `net.backward({ inputGrad: false })`', 2, ...both({ against: OURS, name: without })),
  ]
}

function settingOf(speed: Speed, { network, batch, mode = 'train' }: Cell): SpeedSetting {
  const found = speed.settings.find((s) => s.network === network && s.batch === batch && s.mode === mode)
  if (found === undefined)
    throw new Error(`bench/results.json has no ${mode} of ${network} at batch ${batch}`)
  return found
}

function ratio(speed: Speed, name: string, cell: Cell): RatioRow | undefined {
  const { threads = 2, against = 'PyTorch', name: own = name } = cell
  return settingOf(speed, cell).ratios.find(
    (row) => row.name === own && row.threads === threads && row.against === against,
  )
}

/** The peer with the highest speed in training that runs in JavaScript: all that train do, but PyTorch. */
function fastestInJavaScript(speed: Speed): string {
  const { speeds } = settingOf(speed, { network: 'seed', batch: 64 })
  const peers = speeds.filter(({ ours, name }) => !ours && !name.startsWith('PyTorch'))
  return peers.reduce((best, peer) =>
    peer.imagesPerSecond.median > best.imagesPerSecond.median ? peer : best,
  ).name
}

function times(row: RatioRow | undefined, digits = 1): string {
  const median = row?.ratio?.median
  return median === undefined ? '–' : `${median < 10 ? median.toFixed(digits) : Math.round(median)}×`
}

function accuracyRow({ accuracy, contenders }: Goal, command: string): string[] {
  const [ours, theirs] = ['handgrad train', 'PyTorch'].map((name) => {
    const found = contenders.find((row) => row.name === name)
    if (found === undefined) throw new Error(`bench/results.json has no time of ${name} to ${accuracy}`)
    const after = found.reached ? `${Math.round(found.seconds.median)} s` : 'not reached'
    return { after, seeds: found.runs.length }
  })
  const goal = `${(accuracy * 100).toFixed(1)} % of MNIST's test set from a cold start (median of ${ours.seeds} seeds)`
  return [`${goal}; PyTorch with the same recipe: ${theirs.after}`, ours.after, '', command]
}

/** A Markdown table with columns of equal width. */
function table([head, ...rows]: string[][]): string[] {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((cells) => cells[i].length)))
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
}
