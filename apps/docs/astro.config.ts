import preact from '@astrojs/preact'
import starlight from '@astrojs/starlight'
import { defineConfig } from 'astro/config'
import starlightLinksValidator from 'starlight-links-validator'
import starlightTypeDoc from 'starlight-typedoc'
import { moduleNames } from './src/lib/module-names.ts'
import { unsearched } from './src/lib/unsearched.ts'
import { sidebar } from './src/sidebar.ts'

// Shared memory, and with it threads, only exists in a page that is isolated.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

export default defineConfig({
  server: { headers },
  devToolbar: { enabled: false },
  integrations: [
    preact(),
    starlight({
      title: 'handgrad',
      description: 'A convolutional network with every gradient written by hand, and proved.',
      social: [{ icon: 'github', label: 'GitHub', href: 'https://github.com/handgrad/handgrad' }],
      // Before anything is drawn: within another page, only the picture is shown.
      head: [
        {
          tag: 'script',
          content:
            "if (new URLSearchParams(location.search).has('embed')) document.documentElement.dataset.embed = ''",
        },
      ],
      routeMiddleware: './src/route-data.ts',
      customCss: ['katex/dist/katex.min.css', './src/styles/site.css'],
      // A chapter is long because it explains: its length does not count against it. Titles count little, for every class of the API
      // has its word as its title; the other numbers are Pagefind's own.
      pagefind: {
        ranking: {
          pageLength: 0,
          termFrequency: 1,
          termSaturation: 1.4,
          termSimilarity: 1,
          metaWeights: { title: 0.2 },
        },
      },
      expressiveCode: { defaultProps: { wrap: true }, plugins: [unsearched] },
      components: {
        Footer: './src/components/Footer.astro',
        Banner: './src/components/Banner.astro',
        MarkdownContent: './src/components/MarkdownContent.astro',
        PageTitle: './src/components/PageTitle.astro',
      },
      plugins: [
        // A public symbol without a comment fails the build.
        starlightTypeDoc({
          entryPoints: ['tensor', 'layers', 'loss-optim', 'data', 'trainer', 'gradcheck'].map(
            (name) => `../../packages/${name}/src/index.ts`,
          ),
          tsconfig: 'tsconfig.api.json',
          output: 'api',
          sidebar: { label: 'API reference', collapsed: true },
          typeDoc: {
            validation: { notDocumented: true, invalidLink: true, notExported: false },
            treatValidationWarningsAsErrors: true,
            requiredToBeDocumented: [
              'Class',
              'Interface',
              'Function',
              'TypeAlias',
              'Variable',
              'Method',
              'Accessor',
            ],
            excludeInternal: true,
            excludePrivate: true,
            excludeProtected: true,
            name: 'API reference',
            plugin: [moduleNames],
            entryFileName: 'index.md',
            disableSources: true,
            readme: 'none',
          },
        }),
        starlightLinksValidator(),
      ],
      sidebar,
    }),
  ],
  vite: { worker: { format: 'es' } },
})
