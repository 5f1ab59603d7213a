import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Finding } from './examine.ts'
import { ADVICE, codeOfLink, linkOf } from './share.ts'
import { WrongCells } from './WrongCells.tsx'

/** An exercise as the page has it. */
export interface Sheet {
  readonly id: string
  readonly title: string
  readonly task: string
  readonly stub: string
  readonly hints: readonly string[]
}

const LINKED =
  'This code came by a link. Read it, then press Run: it runs apart from this site, and without network.'

/** Exercises to write and have marked: the code runs only when one presses Run. */
export function Exercises({ sheets }: { sheets: readonly Sheet[] }): JSX.Element {
  const id = useSignal(sheets[0].id)
  const codes = useSignal<Readonly<Record<string, string>>>({})
  const hints = useSignal(0)
  const seed = useSignal(0)
  const note = useSignal('')
  const finding = useSignal<Finding | null>(null)
  const busy = useSignal(false)
  const sheet = sheets.find((one) => one.id === id.value)!
  const code = codes.value[sheet.id] ?? sheet.stub

  const show = (text: string): void => {
    note.value = text
    finding.value = null
  }
  useEffect(() => {
    const asked = new URLSearchParams(location.search).get('exercise')
    if (sheets.some((one) => one.id === asked)) id.value = asked!
    const linked = codeOfLink(location.href)
    if (linked === null) return
    if ('refused' in linked) return show(linked.refused)
    codes.value = { [id.value]: linked.code }
    show(LINKED)
  }, [])

  const choose = (to: string): void => {
    id.value = to
    hints.value = 0
    show('')
    history.replaceState(history.state, '', `${location.pathname}?exercise=${to}`)
  }
  const write = (text: string): void => void (codes.value = { ...codes.value, [sheet.id]: text })
  const run = async (): Promise<void> => {
    if (busy.value) return
    busy.value = true
    show('Running …')
    try {
      const { examine } = await import('./examine.ts')
      finding.value = await examine(sheet.id, code, seed.value)
      note.value = ''
    } catch (error) {
      show(`This page could not run it: ${(error as Error).message}`)
    } finally {
      busy.value = false
    }
  }
  const share = async (): Promise<void> => {
    const link = linkOf(location.origin + location.pathname, sheet.id, code)
    if (link === null) return show(ADVICE)
    history.replaceState(history.state, '', link)
    try {
      await navigator.clipboard.writeText(link)
      show('The link is in the clipboard and in the address of this page.')
    } catch {
      show('The link is in the address of this page.')
    }
  }
  const save = (): void => {
    const file = document.createElement('a')
    file.href = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
    file.download = `${sheet.id}.mjs`
    file.click()
    URL.revokeObjectURL(file.href)
  }
  return (
    <div class="widget exercise not-content" data-widget="exercise" data-exercise={sheet.id}>
      <div class="controls">
        <label>
          exercise
          <select
            name="exercise"
            value={sheet.id}
            onChange={({ currentTarget }) => choose(currentTarget.value)}
          >
            {sheets.map((one) => (
              <option key={one.id} value={one.id}>
                {one.id}: {one.title}
              </option>
            ))}
          </select>
        </label>
        <label>
          seed
          <input
            type="number"
            name="seed"
            min={0}
            value={seed.value}
            onInput={({ currentTarget: { valueAsNumber } }) => {
              if (Number.isSafeInteger(valueAsNumber) && valueAsNumber >= 0) seed.value = valueAsNumber
            }}
            onBlur={({ currentTarget }) => (currentTarget.value = String(seed.value))}
          />
        </label>
      </div>
      <p class="task">{sheet.task}</p>
      <textarea
        name="code"
        aria-label="Your code"
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        rows={Math.min(30, Math.max(12, code.split('\n').length + 2))}
        value={code}
        onInput={({ currentTarget }) => write(currentTarget.value)}
      />
      <div class="controls">
        <button type="button" class="primary" disabled={busy.value} onClick={run}>
          Run
        </button>
        <button
          type="button"
          disabled={hints.value === sheet.hints.length}
          onClick={() => (hints.value += 1)}
        >
          Hint
        </button>
        <button type="button" onClick={() => write(sheet.stub)}>
          Start over
        </button>
        <button type="button" onClick={share}>
          Copy link
        </button>
        <button type="button" onClick={save}>
          Save as a file
        </button>
      </div>
      {hints.value > 0 && (
        <ol class="hints">
          {sheet.hints.slice(0, hints.value).map((hint) => (
            <li key={hint}>{hint}</li>
          ))}
        </ol>
      )}
      <div role="status" class="verdict" data-passed={finding.value?.passed}>
        {note.value !== '' && <p>{note.value}</p>}
        {finding.value !== null && <pre>{finding.value.lines.join('\n')}</pre>}
      </div>
      {finding.value?.picture != null && <WrongCells {...finding.value.picture} />}
    </div>
  )
}
