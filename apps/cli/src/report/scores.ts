import { type KnownScore, scoresByRoom, shareOf, sumOf } from '@handgrad/gradcheck'
import { html, type Markup, table } from './markup.ts'

const percent = (of: { caught: number; mutants: number }): string => `${(100 * shareOf(of)).toFixed(1)} %`

/** How many of the mistakes that nobody chose were caught, by file. */
export function scoreSection(scores: readonly KnownScore[]): Markup {
  const all = sumOf(scores)
  return html`<h2 id="scores">Mutants that nobody chose</h2>
<p>Small mistakes in every line that a number passes through, drawn by a seed and put in one at a time: ${all.caught} of
${all.mutants} were caught (${percent(all)}).</p>
${scoresByRoom(scores).map(
  ({ room, files, ...sum }) => html`<details><summary>${room}: ${percent(sum)} of ${sum.mutants}</summary>
${table(
  ['file', 'caught', 'of', 'share', 'equivalent', 'timed out', 'no code', ''],
  files.map((score) => [
    score.file,
    score.caught,
    score.mutants,
    percent(score),
    score.equivalent,
    score.timedOut,
    score.noCode,
    score.isCurrent ? '' : `measured at ${score.commit}`,
  ]),
)}</details>\n`,
)}`
}
