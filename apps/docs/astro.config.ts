import preact from '@astrojs/preact'
import starlight from '@astrojs/starlight'
import { defineConfig } from 'astro/config'
import starlightLinksValidator from 'starlight-links-validator'
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
      customCss: ['katex/dist/katex.min.css', './src/styles/site.css'],
      components: { Footer: './src/components/Footer.astro' },
      plugins: [starlightLinksValidator()],
      sidebar,
    }),
  ],
  vite: { worker: { format: 'es' } },
})
