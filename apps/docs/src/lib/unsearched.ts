import type { StarlightExpressiveCodeOptions } from '@astrojs/starlight/expressive-code'

type Plugin = NonNullable<StarlightExpressiveCodeOptions['plugins']>[number]

/** Keeps code blocks of Markdown out of the search index: `i++` is no answer to who looks for im2col. */
export const unsearched: Plugin = {
  name: 'unsearched',
  hooks: {
    postprocessRenderedBlock({ renderData }) {
      renderData.blockAst.properties['data-pagefind-ignore'] = ''
    },
  },
}
