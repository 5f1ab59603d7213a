import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Chart } from '../Chart.tsx'
import { startTrial, type Trial } from './lab.ts'

/** A mistake to switch on. */
export interface Mistake {
  readonly slug: string
  /** The slug of the right program. */
  readonly folder: string
  readonly title: string
  readonly name: string
  /** Where the mistake is, and the line before and after. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

const views: Readonly<Record<string, string>> = {
  golden: 'PyTorch’s recorded values',
  equations: 'the derivation, evaluated',
  differences: 'finite differences',
  adjoint: 'the adjoint test',
  state: 'state: inputs unchanged, bwd() twice is twice',
  error: 'refusals and their messages',
}

interface Props {
  mistakes: readonly Mistake[]
  /** The slugs of those to begin with. */
  first: readonly string[]
}

/** Puts a known mistake into the library, and shows who notices, while it trains. */
export function BreakIt({ mistakes, first }: Props): JSX.Element {
  const slug = useSignal(first[0])
  const words = useSignal('')
  const broken = useSignal<Trial | null>(null)
  const right = useSignal<Trial | null>(null)
  useEffect(() => {
    const asked = new URLSearchParams(location.search).get('break')
    if (mistakes.some((mistake) => mistake.slug === asked)) slug.value = asked!
  }, [mistakes, slug])
  const mistake = bySlug(mistakes, slug.value)
  const choose = (to: string): void => {
    slug.value = to
    const query = new URLSearchParams(location.search)
    query.set('break', to)
    history.replaceState(history.state, '', `${location.pathname}?${query.toString()}${location.hash}`)
  }
  const found = findMistakes(mistakes, words.value)
  const search = (text: string): void => {
    words.value = text
    const matching = findMistakes(mistakes, text)
    if (matching.length > 0 && !matching.includes(mistake)) choose(matching[0].slug)
  }
  const start = (): void => {
    broken.value?.stop()
    right.value?.stop()
    broken.value = startTrial(mistake.slug, ['check', 'train'])
    right.value = startTrial(mistake.folder, ['train'])
  }
  return (
    <div class="widget not-content" data-widget="break-it">
      <div class="controls">
        <label>
          mistake
          <select
            name="mistake"
            value={slug.value}
            onChange={({ currentTarget }) => choose(currentTarget.value)}
          >
            {words.value === '' && (
              <Group title="To begin with" mistakes={first.map((one) => bySlug(mistakes, one))} full />
            )}
            {[...Map.groupBy(found, ({ title }) => title)].map(([title, own]) => (
              <Group key={title} title={title} mistakes={own} />
            ))}
          </select>
        </label>
        <label>
          search
          <input
            type="search"
            name="words"
            placeholder="bias, conv, tie …"
            value={words.value}
            onInput={({ currentTarget }) => search(currentTarget.value)}
          />
        </label>
        <button type="button" class="primary" disabled={found.length === 0} onClick={start}>
          Break it
        </button>
      </div>
      {words.value !== '' && (
        <p class="hint" role="status" data-found={found.length}>
          {found.length === 0
            ? 'No mistake has these words in its layer, its name or its line.'
            : `${found.length} of ${mistakes.length} mistakes`}
        </p>
      )}
      <Patch mistake={mistake} />
      {broken.value !== null && <Verdict trial={broken.value} />}
      {broken.value !== null && right.value !== null && (
        <Training broken={broken.value} right={right.value} />
      )}
    </div>
  )
}

const bySlug = (mistakes: readonly Mistake[], slug: string): Mistake =>
  mistakes.find((mistake) => mistake.slug === slug)!

/** The mistakes that have every one of the words somewhere: in the layer's name, their own or the changed line. */
function findMistakes(mistakes: readonly Mistake[], words: string): readonly Mistake[] {
  const wanted = words.toLowerCase().split(/\s+/)
  return mistakes.filter(({ title, name, find, replace }) => {
    const text = [title, name, find, replace].join('\n').toLowerCase()
    return wanted.every((word) => text.includes(word))
  })
}

interface GroupProps {
  title: string
  mistakes: readonly Mistake[]
  /** Whether each is named with its layer. */
  full?: boolean
}

function Group({ title, mistakes, full = false }: GroupProps): JSX.Element {
  return (
    <optgroup label={title}>
      {mistakes.map(({ slug, title: layer, name }) => (
        <option key={slug} value={slug}>
          {full ? `${layer}: ${name}` : name}
        </option>
      ))}
    </optgroup>
  )
}

function Patch({ mistake: { file, find, replace } }: { mistake: Mistake }): JSX.Element {
  return (
    <div class="patch">
      <code>{file}</code>
      <pre>
        <del>{find}</del>
        {'\n'}
        <ins>{replace}</ins>
      </pre>
    </div>
  )
}

function Verdict({ trial }: { trial: Trial }): JSX.Element {
  const { looked, cases } = trial.looked.value
  const notices = trial.notices.value
  const done = trial.ended.value.includes('check')
  return (
    <section data-caught={notices.map(({ view }) => view).join(' ')} data-done={done}>
      <p role="status">
        {looked} of {cases || '…'} cases proved{done ? '' : ' so far'}:{' '}
        {notices.length === 0 ? 'nobody has noticed' : 'caught'}.
      </p>
      {trial.problem.value !== null && <p role="alert">{trial.problem.value}</p>}
      <div class="scroll" tabIndex={0} role="region" aria-label="Who notices">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">view</th>
              <th scope="col">notices first at</th>
              <th scope="col">and says</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(views).map(([view, label]) => {
              const notice = notices.find((one) => one.view === view)
              return (
                <tr key={view}>
                  <th scope="row">{label}</th>
                  <td>{notice === undefined ? '–' : notice.at}</td>
                  <td class="message">{notice?.message.split('\n')[0].slice(0, 200)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Training({ broken, right }: { broken: Trial; right: Trial }): JSX.Element {
  const percent = ({ accuracy }: Trial): string =>
    accuracy.value === null ? '…' : `${(100 * accuracy.value).toFixed(1)} %`
  return (
    <section>
      <Chart
        title="Mean training loss so far"
        xLabel="step"
        series={[
          { name: 'right', color: 'var(--hue-b)', points: right.curve.value },
          { name: 'broken', color: 'var(--hue-other)', points: broken.curve.value },
        ]}
      />
      <p>
        Right answers during these steps: {percent(right)} with the right code, {percent(broken)} with the
        mistake.
      </p>
    </section>
  )
}
