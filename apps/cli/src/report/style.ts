import { Markup } from './markup.ts'

/** How the page looks: light or dark as the reader's system is. */
export const style: Markup = new Markup(`
:root { color-scheme: light dark; --ours: #0072b2; --torch: #d55e00; --third: #009e73; --faint: #8884 }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; font-size: 0.875rem }
th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid var(--faint); text-align: left; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto }
.right { color: #00856a } .wrong { color: #d0342c; font-weight: 600 }
svg { max-width: 100%; height: auto } svg text { font: 12px system-ui, sans-serif; fill: currentColor }
section { border-top: 1px solid var(--faint); margin-top: 2rem }
`)
