import type { MutantReport, Report, SpecReport, StepSummary, TrainingCurve } from '@handgrad/gradcheck'
import { curveChart, histogramChart } from './charts.ts'
import { html, type Markup, table } from './markup.ts'
import { scoreSection } from './scores.ts'
import { style } from './style.ts'

const small = (value: number): string => (value === 0 ? '0' : value.toExponential(1))
const two = (value: number): string => value.toFixed(2)

/** The report as one page that needs nothing else. */
export function htmlReport(report: Report): string {
  const { made, specs, scores, mutants, curves, histogramBins } = report
  const page = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>handgrad: what was proved</title>
<style>${style}</style></head>
<body><main>
<h1>What was proved</h1>
<p>Commit ${made.commit ?? 'unknown'}, Node ${made.versions['node']}, ${made.platform}.</p>
${summary(report)}
<h2>Layers, losses and optimizers</h2>
${overview(specs)}
${specs.map((spec) => section(spec, histogramBins))}
${scores.length === 0 ? null : scoreSection(scores)}
${mutants === null ? null : mutantSection(mutants)}
${curves === null ? null : curveSection(curves, mutants ?? [])}
</main></body></html>
`
  return page.text
}

function summary({ totals }: Report): Markup {
  const { specs, cases, errorCases, lines, steps, coordinates, skipped, problems } = totals
  const found = problems === 0 ? 'Nothing is wrong.' : `${problems} things are wrong.`
  return html`<p class="${problems === 0 ? 'right' : 'wrong'}">${found}</p>
<p>${specs} specs with ${cases} cases and ${errorCases} refusals; ${lines} lines of derivations, evaluated ${steps} times;
${coordinates} coordinates of gradients compared with finite differences, ${skipped} skipped as kinks.</p>`
}

function overview(specs: readonly SpecReport[]): Markup {
  return table(
    [
      '',
      'verdict',
      'cases',
      'steps',
      'coordinates',
      'kinks',
      'ULP, ours: median',
      'worst',
      'PyTorch: median',
      'worst',
    ],
    specs.map((spec) => [
      html`<a href="#${spec.name}">${spec.name}</a>`,
      verdict(spec.passed),
      spec.cases.length,
      spec.steps.length,
      spec.coordinates,
      spec.skipped,
      two(spec.ulps.ours.median),
      two(spec.ulps.ours.worst),
      two(spec.ulps.torch.median),
      two(spec.ulps.torch.worst),
    ]),
  )
}

const verdict = (passed: boolean): Markup =>
  passed ? html`<span class="right">right</span>` : html`<span class="wrong">wrong</span>`

function section(spec: SpecReport, bins: readonly number[]): Markup {
  const { name, source, problems, steps, cases } = spec
  const list = problems.map(
    ({ case: at, view, message }) => html`<li>${at ?? 'as a whole'}: ${view}: ${message}</li>\n`,
  )
  return html`<section id="${name}"><h2>${name}</h2>
<p>${source}. ${furthest(spec)}</p>
${problems.length === 0 ? null : html`<ul class="wrong">${list}</ul>`}
${steps.length === 0 ? null : html`<h3>Derivation</h3>${stepTable(steps)}`}
<h3>Error in float32, element by element</h3>
${histogramChart(spec.histograms, bins)}
<details><summary>${cases.length} cases</summary>${caseTable(spec)}</details>
</section>`
}

function furthest({ furthest: at }: SpecReport): string {
  if (at === null) return ''
  return `Furthest from finite differences: ${small(at.error)}, at d${at.tensor.slice(1)}[${at.index.join(', ')}] of ${at.case}.`
}

function stepTable(steps: readonly StepSummary[]): Markup {
  return table(
    ['step', 'cases', 'elements', 'worst difference'],
    steps.map(({ id, cases, elements, difference }) => [id, cases, elements, small(difference)]),
  )
}

function caseTable({ cases }: SpecReport): Markup {
  return table(
    ['case', 'verdict', 'coordinates', 'kinks', 'tensor: our ULP / PyTorch’s'],
    cases.map(({ name, passed, coordinates, skipped, measures }) => [
      name,
      verdict(passed),
      coordinates,
      skipped,
      measures.map(({ tensor, ulps, torchUlps }) => `${tensor}: ${two(ulps)} / ${two(torchUlps)}`).join(', '),
    ]),
  )
}

function mutantSection(mutants: readonly MutantReport[]): Markup {
  const caught = mutants.filter(({ views }) => views.length > 0).length
  return html`<h2>Mutants</h2>
<p>Mistakes that people really make, injected one at a time: ${caught} of ${mutants.length} were caught.</p>
${table(
  ['', 'mutant', 'kernels', 'noticed by', 'first at', 'ms'],
  mutants.map(({ spec, mutant, backend, views, at, milliseconds }) => [
    spec,
    mutant,
    backend,
    views.length === 0 ? html`<span class="wrong">nothing</span>` : views.join(', '),
    at ?? '',
    Math.round(milliseconds),
  ]),
)}`
}

function curveSection(curves: readonly TrainingCurve[], mutants: readonly MutantReport[]): Markup {
  const noticed = ({ mutant: injected }: TrainingCurve): string =>
    mutants
      .find(({ spec, mutant }) => spec === injected?.spec && mutant === injected.name)
      ?.views.join(', ') ?? ''
  return html`<h2>Accuracy is no evidence</h2>
<p>How networks learn with a mistake in their gradients, beside the right one, and which views notice the mistake.</p>
${curveChart(curves)}
${table(
  ['injected', 'epochs', 'test accuracy', 'test loss', 'noticed by'],
  curves.map((curve) => [
    curve.mutant === null ? 'nothing' : `${curve.mutant.spec}: ${curve.mutant.name}`,
    curve.epochs.length,
    `${two(100 * curve.testAccuracy)} %`,
    curve.testLoss.toFixed(4),
    noticed(curve),
  ]),
)}`
}
